"""From tables to numbers, on one axis.

The rooms in the order in which a poll meets them:

1. `window_edges`: where every window begins and ends, for each instant `now` and each zone.
2. `stores`: who is in the report, numbered; `id_lookup` finds the number of an id.
3. `axis`: the line of integers on which all stores lie end to end.
4. `sessions`: when a store is open, by its `weekly_rows` less its `maintenance`; `intervals` unites
   and subtracts; `quiet_time` leaves out what is centuries away from any poll.
5. `packed_polls`: polls as sorted integers.
6. `evidence`: which of them may speak.
7. `states`: who speaks for which stretch.
8. `running_totals`: open time and uptime along the axis.
9. `window_totals`: differences of them; or `pieces` and `outages`, which list what lies between;
   or `poll_worth`, which says how much lies between polls.
10. `reports`: totals in the units of the windows.

`batches` leads through the rooms from 2 to 6, for as many stores at a time as memory allows;
`coverage` adds up over all batches how much is known.

What starts from a timeline meets `window_edges` only: `piece_sums` adds pieces up, cell by cell,
`timeline_reports` makes windows of the cells, and `timeline_outages` lists outages.
"""
