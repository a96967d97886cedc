#!/usr/bin/env bash
# Makes a fresh machine ready: an interpreter, the system libraries Qt loads, a virtual environment from the locks.
#
#   installer/setup.sh run     .venv with what the programme needs
#   installer/setup.sh test    the same and what the checks and tests need
#   installer/setup.sh bench   the same as run, and .venv-bench with the baseline of the measurements
#
# What Debian's apt can bring is installed when we are root or sudo asks for no password, and named otherwise.
# PYTHON names an interpreter to prefer, VENV another folder than .venv.
set -euo pipefail
cd "$(dirname "$0")/.."
task=${1:?run, test or bench}
venv=${VENV:-.venv}

say() { printf '%s\n' "$*" >&2; }

root_do() { # COMMAND... as root; false when that is not allowed without asking
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

apt_install() { # PACKAGES... ; false when there is no apt, no right to use it, or no answer from the archive
    command -v apt-get >/dev/null || return 1
    root_do true || return 1
    say "正在安装系统软件包 / installing system packages: $*"
    if ! root_do env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null 2>&1; then
        # A fresh image has no package lists; an old one has stale ones. Either way one refresh settles it.
        root_do apt-get update -q >/dev/null 2>&1 || true
        root_do env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null
    fi
}

fits() { # INTERPRETER: 3.11 to 3.13 (what pyproject.toml allows), and it really starts (a pyenv shim may not)
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

find_python() { # prints the first fitting interpreter that can make an environment, else the first fitting one
    local candidate first=
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 /usr/bin/python3.11 /usr/local/bin/python3.11 python3 /usr/bin/python3 \
        python3.12 python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[123].*/bin/python3; do
        candidate=$(command -v "$candidate" 2>/dev/null) || continue
        fits "$candidate" || continue
        if can_make_venv "$candidate"; then
            echo "$candidate"
            return
        fi
        first=${first:-$candidate}
    done
    echo "$first"
}

make_venv() { # FOLDER
    [ -x "$1/bin/python" ] && "$1/bin/python" -m pip --version >/dev/null 2>&1 && return
    local python version
    python=$(find_python)
    if [ -z "$python" ]; then
        say "没有找到 Python 3.11。请先安装 Python 3.11(3.12、3.13 也可以), 再运行一次。"
        say "No Python 3.11 was found. Install Python 3.11 (3.12 and 3.13 do as well), then run this again."
        exit 1
    fi
    if ! can_make_venv "$python"; then
        version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
        if ! { apt_install "$version-venv" || apt_install python3-venv; } || ! can_make_venv "$python"; then
            say "缺少 $version-venv, 这里又无权安装。请让管理员运行: apt-get install $version-venv, 再运行一次。"
            say "$version-venv is missing and may not be installed from here. Ask for: apt-get install $version-venv"
            exit 1
        fi
    fi
    "$python" -m venv --clear "$1"
}

# Loaded by PySide6's libraries and its X11 plug-in; "library package" as the loader and Debian call them.
qt_libraries="
libEGL.so.1 libegl1
libGL.so.1 libgl1
libX11-xcb.so.1 libx11-xcb1
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libfreetype.so.6 libfreetype6
libglib-2.0.so.0 libglib2.0-0
libgssapi_krb5.so.2 libgssapi-krb5-2
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-render.so.0 libxcb-render0
libxcb-shape.so.0 libxcb-shape0
libxcb-shm.so.0 libxcb-shm0
libxcb-sync.so.1 libxcb-sync1
libxcb-xfixes.so.0 libxcb-xfixes0
libxcb-xkb.so.1 libxcb-xkb1
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxkbcommon.so.0 libxkbcommon0
"

missing_qt_packages() {
    local known library package
    known=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p)
    while read -r library package; do
        case $known in *"$library "*) ;; *) [ -z "$library" ] || echo "$package" ;; esac
    done <<<"$qt_libraries"
}

system_libraries() {
    [ "$(uname -s)" = Linux ] || return 0
    local missing
    missing=$(missing_qt_packages | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086 # one word per package
    apt_install $missing && return
    say "窗口需要的系统软件包没有装上: $missing"
    say "The window needs these system packages, which could not be installed: $missing"
    say "不开窗口的功能(命令行、演示)不受影响。/ Whatever works without a window is not affected."
}

pip_install() { # FOLDER ARGUMENTS...: only what the lock names; only ready-made wheels, but for one pure-Python source
    local folder=$1
    shift
    "$folder/bin/python" -m pip install --disable-pip-version-check --no-input --quiet --quiet \
        --no-build-isolation --use-pep517 "$@"
}

locked() { # FOLDER LOCK
    pip_install "$1" --require-hashes --only-binary :all: --no-binary lunar-python --requirement "$2"
}

say "正在准备运行环境(第一次需要几分钟) / setting up (a few minutes the first time): $task"
system_libraries
make_venv "$venv"
locked "$venv" requirements-build.txt
case $task in
    run | bench) locked "$venv" requirements.txt ;;
    test)
        locked "$venv" requirements-dev.txt
        # The checks import Qt; better one sentence here than a wall of tracebacks from pytest.
        if ! "$venv/bin/python" -c 'import PySide6.QtWidgets' 2>/dev/null; then
            say "Qt 在这台电脑上加载不了, 测试无法运行; 缺的软件包见上。"
            "$venv/bin/python" -c 'import PySide6.QtWidgets' || say "Qt cannot be loaded here; the missing packages are named above."
            exit 1
        fi
        ;;
    *) say "run, test or bench" && exit 2 ;;
esac
pip_install "$venv" --no-deps --editable .
if [ "$task" = bench ]; then
    make_venv "$venv-bench"
    locked "$venv-bench" requirements-bench.txt
fi
