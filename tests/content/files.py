"""Files of the tests: pictures made by Pillow, papers, texts."""

import io

from PIL import Image

PLACE = b"35.6812N 139.7671E"  # where a photo was taken


def a_picture(kind="PNG", *, size=(8, 6), colour="navy", **saved):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind, **saved)
    return file.getvalue()


def a_photo(orientation=6, **changes):
    """A JPEG as a telephone writes it: with the place, and the picture on its side."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = PLACE.decode()
    return a_picture("JPEG", exif=exif, comment=PLACE, **changes)


PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
