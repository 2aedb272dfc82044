-- Whoever has been quiet for a day, and is neither trusted by staff nor quarantined, is nobody.
delete from bounce_source
where workspace_id = %(workspace_id)s and since < %(before)s
  and coalesce(quarantined_until, '-infinity') < %(before)s and coalesce(trusted_until, '-infinity') < %(before)s
