// The table of all stores. `jQuery` is that of the bundle, with DataTables.
const data = JSON.parse(document.getElementById("store-data").textContent);
const element = document.getElementById("store-table");
const PAGE = 25;
const PRINTED = 500;

const escaped = (text) =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`);

// Digits, not numbers: the same text as on the rest of the page.
const decimal = (steps, decimals) => {
  if (steps === null) return "–";
  const digits = String(steps).padStart(decimals + 1, "0");
  const whole = digits.slice(0, -decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}.${digits.slice(-decimals)}`;
};

// What is not known comes last, whichever way a column is sorted.
const order = jQuery.fn.dataTable.ext.type.order;
const known = (compare) => (a, b) =>
  a === b ? 0 : a === null ? 1 : b === null ? -1 : compare(a, b);
order["steps-asc"] = known((a, b) => a - b);
order["steps-desc"] = known((a, b) => b - a);

const columns = [
  // The stores are in the order of their ids, so the number of a row sorts exactly.
  {
    type: "num",
    cellType: "th",
    className: "id",
    createdCell: (cell) => cell.setAttribute("scope", "row"),
    render: (row, kind) =>
      kind === "display"
        ? `<bdi>${escaped(data.ids[row])}</bdi>`
        : kind === "filter"
          ? escaped(data.ids[row])
          : row,
  },
  ...data.columns.map(({ decimals, steps }) => ({
    type: "steps",
    className: "number",
    searchable: false,
    render: (row, kind) =>
      kind === "display" ? decimal(steps[row], decimals) : steps[row],
  })),
  {
    type: "string",
    className: "zone",
    render: (row, kind) => {
      const name = data.zoneNames[data.zones[row]];
      return kind === "display" || kind === "filter" ? escaped(name) : name;
    },
  },
].map((column) => ({ data: null, orderSequence: ["asc", "desc"], ...column }));

const table = jQuery(element).DataTable({
  data: data.ids.map((_, row) => row),
  columns,
  order: [[0, "asc"]],
  pageLength: PAGE,
  lengthMenu: [10, 25, 50, 100, 250],
  autoWidth: false,
  layout: {
    topStart: "search",
    topEnd: "pageLength",
    bottomStart: "info",
    bottomEnd: "paging",
  },
  language: {
    search: "Find a store",
    searchPlaceholder: "id or time zone",
    lengthMenu: "Stores on a page _MENU_",
    info: "_START_ to _END_ of _TOTAL_ stores",
    infoEmpty: "No store",
    infoFiltered: "(of _MAX_)",
    zeroRecords: "No store is called so.",
    emptyTable: "There are no stores.",
    thousands: ",",
  },
});

// The table scrolls within itself where it is wider than the page; keys can scroll it, too.
const frame = element.parentElement;
frame.classList.add("scroll");
frame.tabIndex = 0;
frame.setAttribute("role", "region");
frame.setAttribute("aria-labelledby", "stores");

// Paper has no pages to turn: as many rows as one would print.
const note = document.getElementById("print-note");
let shown = null;
addEventListener("beforeprint", () => {
  shown = [table.page.len(), table.page()];
  table.page.len(PRINTED).draw();
  const found = table.page.info().recordsDisplay;
  const count = Math.min(found, PRINTED).toLocaleString("en");
  note.textContent =
    found <= PRINTED
      ? `On paper: all ${count} stores, in the order of the screen.`
      : `On paper: the first ${count} of ${found.toLocaleString("en")} stores, in the order of the screen.`;
});
addEventListener("afterprint", () => {
  const [length, page] = shown;
  table.page.len(length).page(page).draw("page");
});
