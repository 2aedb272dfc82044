-- What it says ends nothing; each time that it exceeds the limits its quarantine begins anew.
update bounce_source
set held = held + %(held)s, quarantined_until = greatest(quarantined_until, %(until)s)
where workspace_id = %(workspace_id)s and source = %(source)s::inet
