-- The table part of this week, if it is the first launch of the week.
select delivery_partition(%(week)s)
