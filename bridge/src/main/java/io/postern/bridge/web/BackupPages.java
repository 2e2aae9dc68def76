package io.postern.bridge.web;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /backup}: begins a backup, and says how it goes, as text for {@code postern vault backup}.
 * Only for whoever has shown the token.
 */
final class BackupPages {
  static final String PATH = "/backup";

  private static final Logger LOG = LoggerFactory.getLogger(BackupPages.class);

  private final Backups backups;
  private final Guard guard;
  private final Pages pages;

  BackupPages(Backups backups, Guard guard, Pages pages) {
    this.backups = backups;
    this.guard = guard;
    this.pages = pages;
  }

  Response answer(Request request) throws RefusedRequest, IOException {
    if (request.path().size() > 1) {
      throw RefusedRequest.notFound("There is no such page.");
    }
    if (request.isPost()) {
      var form = request.form();
      guard.requireToken(form.value("token"));
      var file = file(form.value("file"));
      LOG.info("backup asked file={}", file);
      return Response.text(200, backups.begin(file) + "\n");
    }
    if (!request.isGet()) {
      throw RefusedRequest.notAllowed("GET, HEAD, POST", "A backup is asked for by a form.");
    }
    if (!guard.isKnown(request.headers())) {
      return pages.locked(request, PATH);
    }
    return Response.text(200, backups.progress() + "\n");
  }

  private static Path file(String typed) throws RefusedRequest {
    try {
      var file = Path.of(typed);
      if (file.isAbsolute() && file.getFileName() != null && !typed.contains("\n")) {
        return file;
      }
    } catch (InvalidPathException malformed) {
      LOG.debug("no path: {}", malformed.getReason());
    }
    throw new RefusedRequest(400, "The file must be named with its whole path.");
  }
}
