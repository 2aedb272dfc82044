-- Part of list_audience: whom rules can answer differently about a topic. Without a consent and anything that may stand in for one nobody gets it under any.
-- offset 0: a look by key for each contact; without it the planner may hash every basis of the workspace, anew for each span of contacts.
(exists (select from consent k where k.workspace_id = c.workspace_id and k.contact_id = c.contact_id
         and k.topic_id = %(simulated_topic)s and k.channel = 'email' offset 0)
 or exists (select from basis b where b.workspace_id = c.workspace_id and b.contact_id = c.contact_id offset 0))
