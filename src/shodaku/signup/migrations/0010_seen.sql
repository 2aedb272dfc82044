-- How many asked through a version of a form, up to a thousand, is read by the page of a topic: without this all requests are read.
create index signup_request_version on signup_request (workspace_id, form_id, form_version);
