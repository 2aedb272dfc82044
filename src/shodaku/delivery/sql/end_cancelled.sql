-- A cancelled mailing keeps no plans; a chunk that was open at that moment gives its rest back a little later.
update chunk c set state = 'done' from mailing m
where c.workspace_id = %(workspace_id)s and c.state = 'planned'
  and m.workspace_id = c.workspace_id and m.mailing_id = c.mailing_id and m.state = 'cancelled'
