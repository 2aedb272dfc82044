-- Read in the gate's own transaction: pause, cancel, fence, a change of rules or a release act on chunks that are already open.
select (select m.state from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s) as state,
       (select f.state from fence f) as fence, c.pack, c.tightened, c.home_country, l.rate, l.released_at is not null as released,
       w.locale, w.timezone, w.b2c_mail_order, w.opt_out_ends as ended,
       (select n.dmarc from mail_domain n
        where n.workspace_id = %(workspace_id)s
          and n.name = coalesce((select v.mail_domain from mailing m
                                 join sender_version v on v.workspace_id = m.workspace_id and v.sender_id = m.sender_id and v.version = m.sender_version
                                 where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s),
                                (select s.mail_domain from sender s
                                 where s.workspace_id = %(workspace_id)s and s.sender_id = %(sender_id)s))) as dmarc,
       array(select e.name from exemption e where e.workspace_id = %(workspace_id)s and e.sender_id = %(sender_id)s) as exemptions,
       clock_timestamp() as now
from workspace w
left join rule_choice c on c.workspace_id = w.workspace_id
left join complaint_level l on l.workspace_id = w.workspace_id and l.topic_id = %(topic_id)s
where w.workspace_id = %(workspace_id)s
