-- Which of these bodies no campaign carries any more.
select sha256 from unnest(%(hashes)s::text[]) left_alone (sha256)
where not exists (select from campaign_file f where f.workspace_id = %(workspace_id)s and f.sha256 = left_alone.sha256)
