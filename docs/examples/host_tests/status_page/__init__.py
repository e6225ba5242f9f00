"""The service behind a status page: who is down now, and a report of every night."""
