-- As contacts.0005_no_words_in_statistics: what staff write about the way to a person is nobody's example.
alter table basis
    alter column note type text, alter column detail type text,
    alter column note set statistics 0, alter column detail set statistics 0;
