#!/bin/sh
# Sets up everything `make demo` and `make test` need: .venv from requirements.lock, and the system libraries for PDF.
# Safe to repeat, also after an interruption; done in a moment when nothing changed.
# Usage: setup/bootstrap.sh [--tests]      --tests: also the PDF tools and the browser of some tests
# Exit: 0 ready, 1 a step failed (its own error stands above), 2 a person must install something (said in German).
set -u
cd "$(dirname "$0")/.." || exit 1

PANGO="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
PDF_TOOLS="poppler-utils qpdf"
BROWSER="chromium"
READY=.venv/.ready
PDF_READY=.venv/.pdf-ready
TOOLS_TRIED=.venv/.pdf-tools-tried
BROWSER_TRIED=.venv/.browser-tried

say() { echo "==> $*"; }
stop() { printf '\n%s\n\n' "$*" >&2; exit 2; }
failed() { printf '\nAbgebrochen: %s Die Ursache steht darüber.\n\n' "$*" >&2; exit 1; }

# What .venv was made from: place, Python, lock, project. A moved folder or another Python needs a new one.
origin() { pwd; .venv/bin/python -V 2>&1; cksum requirements.lock pyproject.toml; }

is_ready() { [ -x .venv/bin/python ] && [ -f "$READY" ] && [ "$(origin)" = "$(cat "$READY")" ]; }

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

has_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# The machine's own python3 first: its venv package has the plain name. One that can make a venv beats one that cannot.
find_python() {
    found=
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3}; do
        is_recent "$candidate" || continue
        found=${found:-$candidate}
        if has_venv "$candidate"; then found=$candidate; break; fi
    done
    echo "$found"
}

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }

require_python() {
    python=$(find_python)
    [ -n "$python" ] && return
    case "$(uname -s)" in
        Darwin) cure="brew install python" ;;
        *) cure="sudo apt-get install python3   (Debian ab 12, Ubuntu ab 24.04; sonst Python 3.11 von Hand)" ;;
    esac
    stop "Rechnungsbote braucht Python 3.11 oder neuer. Gefunden: $(python3 -V 2>&1 || echo keines).
Bitte eingeben: $cure
Liegt ein neueres Python an anderer Stelle: PYTHON=/pfad/zu/python3 make ..."
}

make_venv() {
    rm -rf .venv
    has_venv "$python" || install_venv_module
    if has_venv "$python"; then set -- "$python" -m venv
    elif "$python" -m virtualenv --version >/dev/null 2>&1; then set -- "$python" -m virtualenv --quiet
    elif command -v uv >/dev/null 2>&1; then set -- uv venv --quiet --seed --no-python-downloads --python "$python"
    else stop "Diesem Python fehlt das Modul venv. Bitte eingeben und dann noch einmal starten:
    sudo apt-get install python$(version_of "$python")-venv      (Debian, Ubuntu)"
    fi
    say "Lege .venv an ($("$python" -V 2>&1))"
    "$@" .venv || failed "Die virtuelle Umgebung .venv ließ sich nicht anlegen."
}

install_venv_module() {
    setup/apt-install.sh "python$(version_of "$python")-venv"
    python=$(find_python)
}

install_packages() {
    say "Installiere die Python-Pakete aus requirements.lock (beim ersten Mal einige Minuten)"
    pip="env -u PIP_USER -u PIP_TARGET .venv/bin/python -m pip --disable-pip-version-check --no-input --quiet"
    # The lock is complete. Without --no-deps pip 23.0 (Debian 12) looks for sqlalchemy[asyncio] beside the locked sqlalchemy.
    $pip install --require-hashes --no-deps -r requirements.lock || failed "Die Python-Pakete ließen sich nicht installieren."
    $pip install --no-deps --no-build-isolation --editable . || failed "Rechnungsbote selbst ließ sich nicht installieren."
}

# WeasyPrint looks for its libraries under other names on each system, so ask itself.
pdf_ready() { .venv/bin/python -W ignore -c 'import weasyprint' 3>&1 >/dev/null 2>&3; }

pdf_fast() { .venv/bin/python -W error::DeprecationWarning -c 'import weasyprint.text.ffi' >/dev/null 2>&1; }

provide_pango() {
    pdf_fast && return
    # shellcheck disable=SC2086
    setup/apt-install.sh $PANGO
    if ! reason=$(pdf_ready); then
        printf '%s\n' "$reason" | tail -n 1 >&2
        case "$(uname -s)" in Darwin) cure="brew install pango" ;; *) cure="sudo apt-get install $PANGO" ;; esac
        stop "Für PDF-Rechnungen fehlt die Systembibliothek Pango. Bitte eingeben und dann noch einmal starten:
    $cure"
    fi
    pdf_fast || say "Hinweis: HarfBuzz-Subset fehlt, PDF entstehen langsamer. Abhilfe: sudo apt-get install libharfbuzz-subset0"
}

# Tests that need these tools skip without them, so one attempt is enough.
provide_pdf_tools() {
    command -v pdffonts >/dev/null 2>&1 && command -v qpdf >/dev/null 2>&1 && return
    [ -f "$TOOLS_TRIED" ] && return
    # shellcheck disable=SC2086
    setup/apt-install.sh $PDF_TOOLS ||
        say "Hinweis: ohne poppler-utils und qpdf werden einige PDF-Prüfungen übersprungen."
    touch "$TOOLS_TRIED"
}

provide_browser() {
    command -v chromium >/dev/null 2>&1 && return
    [ -f "$BROWSER_TRIED" ] && return
    setup/apt-install.sh $BROWSER || say "Hinweis: ohne Chromium werden die Prüfungen der Webseite übersprungen."
    touch "$BROWSER_TRIED"
}

if ! is_ready; then
    # What was set up here before is updated; what is half made, moved or of another Python is made anew.
    if [ -f "$READY" ] && [ "$(origin | head -n 2)" = "$(head -n 2 "$READY")" ]; then rm -f "$READY"
    else require_python; make_venv; fi
    install_packages
    origin >"$READY"
fi
if [ ! -f "$PDF_READY" ]; then
    provide_pango
    touch "$PDF_READY"
    say "Bereit."
fi
if [ "${1:-}" = --tests ]; then provide_pdf_tools; provide_browser; fi
