-- Which mail a no was said by, for the list of who said no by it; it goes with the no, when the person is erased. What is counted stays in refusal_cause.
alter table refusal add column mailing_id int;
create index refusal_by_mail on refusal (workspace_id, mailing_id, refusal_no) where mailing_id is not null;
