-- Read in the gate's own transaction: pause, cancel and fence act on chunks that are already open.
select (select m.state from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s),
       (select f.state from fence f)
