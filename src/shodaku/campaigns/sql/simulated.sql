-- Part of list_audience: whom rules can answer differently about a topic. Without a consent and anything that may stand in for one nobody gets it under any.
(exists (select from consent k where k.workspace_id = c.workspace_id and k.contact_id = c.contact_id
         and k.topic_id = %(simulated_topic)s and k.channel = 'email')
 or exists (select from basis b where b.workspace_id = c.workspace_id and b.contact_id = c.contact_id))
