-- After its time nobody asks any more who followed a link.
delete from hit h using mailing m
where h.workspace_id = %(workspace_id)s and m.workspace_id = %(workspace_id)s and m.mailing_id = h.mailing_id and m.launched_at < %(before)s
  and h.at < %(before)s
