"""ClickHouse itself, inside of a process, behind that part of its server's HTTP interface that is used.

`python column_server.py FOLDER PORT_FILE USER PASSWORD`; loopback alone. Statements are run by chdb.
"""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from chdb import ChdbError
from chdb.session import Session


def handler(session, user, password):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            given = {name: each[-1] for name, each in parse_qs(urlsplit(self.path).query).items()}
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if (self.headers["X-ClickHouse-User"], self.headers["X-ClickHouse-Key"]) != (user, password):
                return self.answer(403, "Code: 516. Authentication failed")
            statement = f"{given['query']}\n{body}" if "query" in given else body
            values = {name[6:]: _read(text) for name, text in given.items() if name.startswith("param_")}
            try:
                session.query(f"USE {given['database']}")
                found = session.query(statement, given.get("default_format", "TabSeparated"), params=values)
            except ChdbError as error:
                return self.answer(400, str(error))
            return self.answer(200, str(found))

        def answer(self, status, text):
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    return Handler


def _read(text):
    return [int(each) for each in text[1:-1].split(",") if each] if text.startswith("[") else int(text)


if __name__ == "__main__":
    folder, port_file, *login = sys.argv[1:]
    opened = Session(folder)
    opened.query("CREATE DATABASE IF NOT EXISTS shodaku")
    server = HTTPServer(("127.0.0.1", 0), handler(opened, *login))
    ready = Path(port_file)
    ready.with_suffix(".new").write_text(str(server.server_port))
    ready.with_suffix(".new").rename(ready)
    server.serve_forever()
