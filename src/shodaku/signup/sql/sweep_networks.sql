-- A network has another token in the next hour, so these count for nothing.
delete from signup_network where hour < %(before)s
