-- Which version of the sender's display a mailing was frozen with. Without one (an older program planned it) it has the sender as it is.
alter table mailing add column sender_version int;
