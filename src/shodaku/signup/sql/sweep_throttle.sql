-- What no longer counts is no longer kept.
delete from signup_throttle where at <= %(before)s
