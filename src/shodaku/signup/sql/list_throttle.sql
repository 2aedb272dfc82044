-- When this address was last asked, in any workspace.
select at from signup_throttle where token = %(token)s and at > %(after)s
