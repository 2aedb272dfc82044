-- The partition of a Monday, if it is not there yet.
select delivery_partition(%(monday)s::date)
