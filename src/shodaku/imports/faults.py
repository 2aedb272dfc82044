"""Why a file cannot be read as a list, in words that say what to do; a refusal of one row is no error."""

from __future__ import annotations

from typing import ClassVar, Final

_MEGABYTE: Final = 1024 * 1024


class UnreadableFile(ValueError):
    """A file that cannot be taken as a list of people; nothing was imported.

    `row` is counted as a spreadsheet shows it, from 1; None when the whole file is meant.
    """

    code: ClassVar[str] = "unreadable_file"
    ja: ClassVar[str] = "ファイルを読めません。CSV形式で保存し直してください。"
    en: ClassVar[str] = "The file cannot be read. Save it as CSV and choose it again."

    def __init__(self, row: int | None = None, **figures: int | str) -> None:
        self.row = row
        self.figures = figures
        super().__init__(self.sentence("en"))

    def sentence(self, lang: str) -> str:
        template = self.ja if lang.startswith("ja") else self.en
        return template.format(row=self.row, **self.figures)


class TooLarge(UnreadableFile):
    """More than the limits allow, in the file or in one field."""

    code = "too_large"


class TooManyBytes(TooLarge):
    """The file has more bytes than the limit."""

    ja = "ファイルが大きすぎます（{most:,} MBまで）。分けてから取り込んでください。"
    en = "The file is too large (at most {most:,} MB). Split it and import the parts."

    def __init__(self, bytes_max: int) -> None:
        super().__init__(most=max(1, bytes_max // _MEGABYTE))


class TooManyRows(TooLarge):
    """The file has more rows than the limit."""

    ja = "行が多すぎます（{most:,}行まで）。分けてから取り込んでください。"
    en = "The file has too many rows (at most {most:,}). Split it and import the parts."


class FieldTooLarge(TooLarge):
    """One field is longer than the limit: mostly a quotation mark that is never closed."""

    ja = '{row}行目に{most}バイトを超える項目があります。引用符（"）が閉じているか確かめてください。'
    en = 'Row {row} has a field of more than {most} bytes. Check that every quotation mark (") is closed.'


class TooManyColumns(UnreadableFile):
    """A row has more columns than the limit."""

    code = "too_many_columns"
    ja = "{row}行目の列が多すぎます（{most}列まで）。要らない列を消してください。"
    en = "Row {row} has too many columns (at most {most}). Remove those you do not need."


class WrongEncoding(UnreadableFile):
    """The bytes of a row are no text in the encoding of the file."""

    code = "wrong_encoding"
    ja = "{row}行目の文字を読めません。「CSV UTF-8」形式で保存し直してください。"
    en = "The characters in row {row} cannot be read. Save the file again as 'CSV UTF-8'."


class NotText(UnreadableFile):
    """An old or locked workbook, an archive or another binary file."""

    code = "not_text"
    ja = (
        "このファイルは読めません（古い形式やパスワード付きのExcel、zipなど）。"
        "開いて「Excelブック(.xlsx)」か「CSV UTF-8」形式で保存し直してください。"
    )
    en = (
        "This file cannot be read (old or locked Excel files, zip and others)."
        " Open it and save it as '.xlsx' or 'CSV UTF-8'."
    )


class BrokenWorkbook(UnreadableFile):
    """A workbook that is damaged, or no workbook inside."""

    code = "broken_workbook"
    ja = (
        "Excelファイルがこわれているようです。"
        "Excelで開いて保存し直すか、「CSV UTF-8」形式で保存してください。"
    )
    en = "The Excel file seems damaged. Open it in Excel and save it again, or save it as 'CSV UTF-8'."


class TooManySheets(TooLarge):
    """The workbook has more sheets than the limit."""

    ja = "シートが多すぎます（{most}枚まで）。名簿のシートだけを別のファイルに保存してください。"
    en = "The workbook has too many sheets (at most {most}). Save the sheet with the list on its own."


class BrokenQuotes(UnreadableFile):
    """A quotation mark is not closed, or something stands after the closing one."""

    code = "broken_quotes"
    ja = '{row}行目の引用符（"）が正しく閉じていません。直してから取り込んでください。'
    en = 'A quotation mark (") is not closed properly in row {row}. Correct it and import again.'


class NoAddressColumn(UnreadableFile):
    """Among the first rows none names a column of addresses."""

    code = "no_address_column"
    ja = "宛先の列が見つかりません。見出しの行に「メールアドレス」か「携帯電話」と書いてください。"
    en = "No column of addresses was found. Write 'email' or 'mobile' into the heading row."


class Empty(UnreadableFile):
    """No row, or none after the heading."""

    code = "empty"
    ja = "取り込む行がありません。見出しの下に連絡先があるか確かめてください。"
    en = "There are no rows to import. Check that contacts stand below the heading row."
