"""How far the uptime of a report may be from the truth, by what its polls say of the rates."""
