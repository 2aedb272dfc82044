-- What servers said when they refused a mailing's mails for good; what they say alike is one row, and of so many different words the rest is not looked at.
select d.stage, d.code, d.reply, count(*)::int as people from delivery d
where d.workspace_id = %(workspace_id)s and d.mailing_id = %(mailing_id)s and d.outcome = 'failed' and d.reason = %(reason)s
  and d.week = (select m.week from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s)
group by d.stage, d.code, d.reply order by people desc limit %(rows_max)s
