-- Why, and how often.
select d.reason, count(*)::int as people from delivery d
where d.workspace_id = %(workspace_id)s and d.mailing_id = %(mailing_id)s
  and d.week = (select m.week from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s)
group by d.reason order by people desc, d.reason
