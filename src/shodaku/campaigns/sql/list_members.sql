-- A page of those behind a number, by their own number; the parts ascend, so it ends as soon as the page is full.
select x.contact_id from preflight_member m cross join lateral unnest(m.contact_ids) with ordinality x (contact_id, place)
where m.workspace_id = %(workspace_id)s and m.campaign_id = %(campaign_id)s and m.preflight_id = %(preflight_id)s and m.reason = %(reason)s
  and m.highest > %(after)s and x.contact_id > %(after)s
order by m.part, x.place limit %(rows_max)s
