-- A question that somebody had asked before the consent ends: the yes to it holds for another term. Code that does not know the column
-- renews the last contact alone, as after a long silence.
alter table reconfirmation add column renews boolean not null default false;
