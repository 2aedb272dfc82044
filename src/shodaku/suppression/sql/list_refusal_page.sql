-- A page of everybody's noes, newest first; an index for each way of asking keeps it short.
select refusal_no, contact_id, scope, topic_id, until, at, via, entry_id from refusal
where workspace_id = %(workspace_id)s and refusal_no > 0 -- which is true of all: see 0005_refusal_page_alone
  and (%(before)s::bigint is null or refusal_no < %(before)s)
  and (%(mailing_ids)s::int[] is null or mailing_id = any(%(mailing_ids)s::int[]))
  and (%(via)s::text is null or via = %(via)s) and (%(scope)s::text is null or scope = %(scope)s)
order by refusal_no desc limit %(rows_max)s
