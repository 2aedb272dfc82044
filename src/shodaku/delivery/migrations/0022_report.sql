-- Reports of a campaign ask for what came back of it. Partial, by what is true of all: as a whole index it would look to the planner as good as
-- the one by person, and the gate would take it (see 0005_refusal_page_alone of suppression).
create index feedback_mailing on feedback (workspace_id, mailing_id, kind) where feedback_no > 0;
