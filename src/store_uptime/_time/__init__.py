"""Time without stores or polls.

`units` has the lengths, `instants` leads from datetimes to microseconds and back, `zones` cuts UTC
into segments of constant offset, `calendar` has the local dates in them.
"""
