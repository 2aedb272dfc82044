-- Saved every few seconds, most states are never looked at again: the newest stay, of older ones the last of each ten minutes, and never more than the limit.
-- The last one in blocks stays for good: of a mail that was turned into code it brings the blocks back.
delete from campaign_revision r
where r.workspace_id = %(workspace_id)s and r.campaign_id = %(campaign_id)s and r.revision <= %(newest)s - %(whole)s
  and r.revision is distinct from (select max(b.revision) from campaign_revision b
                                   where b.workspace_id = r.workspace_id and b.campaign_id = r.campaign_id and not b.as_code)
  and (r.revision <= %(newest)s - %(reach)s
       or exists (select from campaign_revision later
                  where later.workspace_id = r.workspace_id and later.campaign_id = r.campaign_id and later.revision > r.revision
                    and later.revision <= %(newest)s - %(whole)s
                    and date_bin('10 minutes', later.saved_at, 'epoch') = date_bin('10 minutes', r.saved_at, 'epoch')))
