-- What time it is, for all processes alike: the clock of a machine may be wrong by hours.
select clock_timestamp()
