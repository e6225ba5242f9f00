"""Time without stores or polls.

`units` has the lengths, `instants` leads from datetimes to microseconds and back, `zones` cuts UTC
into segments of constant offset where `changes` tells it to look, `calendar` has the local dates in
them, but for those that `quiet` leaves out.
"""
