"""Tests of the table and of the running of commands: python3 -m unittest discover -s bench"""

import os
import sys
import tempfile
import unittest
from unittest import mock

import compare
import records
import table
import works


def record(side, seconds, run="2024-01-01", warm_up=False, sets=7, **more):
    return {"run": run, "work": "w", "side": side, "part": "", "warm_up": warm_up, "seconds": seconds, "cpu_seconds": seconds,
            "peak_rss_mb": 10, "quality": {"sets": sets}, "versions": {}, **more}


ROW = works.Row("a work", ("slow", "quick"), floor=2, aim=4, quality="sets")


class Table(unittest.TestCase):
    def test_ratio_is_of_medians_against_the_quickest_peer(self):
        ours = [record("quintile", s) for s in (9, 1, 1)] + [record("quintile", 99, warm_up=True)]
        line = table.line_of(ROW, ours + [record("slow", 8), record("quick", 3)])
        self.assertEqual(line[1:7], ["quick", "1", "3", "3.00", "≥ 2 (4)", "met"])

    def test_verdict_follows_floor_and_aim(self):
        for seconds, want in ((1.9, "SHORT"), (2, "met"), (4, "aim met")):
            line = table.line_of(ROW, [record("quintile", 1), record("slow", 9), record("quick", seconds)])
            self.assertEqual(line[6], want)

    def test_another_result_is_never_a_win(self):
        line = table.line_of(ROW, [record("quintile", 1, sets=6), record("slow", 9), record("quick", 9)])
        self.assertEqual(line[6], "RESULT DIFFERS")

    def test_slack_bounds_how_results_may_differ(self):
        lower = works.Row("", (), quality="inertia", better="lower", slack=0.01)
        higher = works.Row("", (), quality="auc", better="higher", slack=0.002)
        for row, key, ours, right in ((lower, "inertia", 101, True), (lower, "inertia", 102, False),
                                      (higher, "auc", 0.799, True), (higher, "auc", 0.797, False)):
            found = table.verdict(row, 1, {"quality": {key: ours}}, {"quality": {key: 100 if key == "inertia" else 0.8}})
            self.assertEqual(found != "RESULT DIFFERS", right, (key, ours))

    def test_memory_is_bounded_in_every_run(self):
        row = works.Row("a work", ("slow",), floor=2, aim=4, quality="sets", most_mb=11)
        for most, want in ((11, "aim met"), (12, "TOO MUCH MEMORY")):
            ours = [record("quintile", 1), record("quintile", 1), record("quintile", 1, peak_rss_mb=most)]
            line = table.line_of(row, ours + [record("slow", 9, peak_rss_mb=99)])
            self.assertEqual((line[5], line[6]), ("≥ 2 (4), ≤ 11 MB", want))

    def test_a_row_says_why_a_side_is_missing(self):
        broken = {"run": "2024", "work": "w", "side": "slow", "warm_up": True, "error": "No module named 'slow'"}
        one = works.Row("a work", ("slow",), floor=2, aim=4, quality="sets")
        self.assertEqual(table.line_of(one, [record("quintile", 1), broken])[6], "No module named 'slow'")
        absent = {**broken, "side": "*", "error": "no data: x is absent"}
        self.assertEqual(table.line_of(one, [absent])[6], "no data: x is absent")
        self.assertEqual(table.line_of(one, [])[6], "not measured")

    def test_only_the_last_run_of_a_work_is_shown(self):
        old, new = record("quintile", 1, run="2024-01-01"), record("quintile", 2, run="2024-01-02")
        self.assertEqual(table.latest([old, new]), [new])


class Making(unittest.TestCase):
    def test_data_are_made_again_once_their_maker_has_changed(self):
        here = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            self.addCleanup(os.chdir, here)
            set_ = works.DataSet("some", ((sys.executable, "maker.py", "{new}/made"),))
            with mock.patch.object(works, "DATA_SETS", (set_,)):
                for text in ("first", "first", "second"):
                    with open("maker.py", "w") as f:
                        f.write(f"import sys; open(sys.argv[1], 'a').write('{text}')")
                    self.assertEqual(compare.make("some"), "")
                    with open(f"{works.DATA}/some/made") as f:
                        self.assertEqual(f.read(), text)
                    os.utime(f"{works.DATA}/some/made", (1, 1))
                self.assertEqual(compare.make("some"), "")
                self.assertEqual(os.stat(f"{works.DATA}/some/made").st_mtime, 1)  # not touched
            os.chdir(here)


class Running(unittest.TestCase):
    base = {"run": "2024", "work": "w", "round": 0, "warm_up": False}

    def measure(self, code):
        return records.measure(works.Side("tool", (sys.executable, "-c", code), ("no-such-package",)), self.base)

    def test_lines_of_output_become_records(self):
        got = self.measure("""print('hello'); print('{"work": "tool fit", "seconds": 2, "cpu": 3, "auc": 0.5}')""")
        self.assertEqual(len(got), 1)
        self.assertEqual((got[0]["part"], got[0]["seconds"], got[0]["cpu_seconds"]), ("fit", 2, 3))
        self.assertEqual((got[0]["quality"], got[0]["versions"]), ({"auc": 0.5}, {"no-such-package": "missing"}))

    def test_failures_become_records(self):
        self.assertIn("no_such_module", self.measure("import no_such_module")[0]["error"])
        self.assertEqual(self.measure("pass")[0]["error"], "printed no result")
        missing = records.measure(works.Side("tool", ("./no-such-program",)), self.base)
        self.assertIn("No such file", missing[0]["error"])


class Works(unittest.TestCase):
    def test_every_row_names_sides_and_data_that_exist(self):
        names = {d.name for d in works.DATA_SETS}
        for work in works.works():
            self.assertIn(work.data, names)
            sides = [s.name for s in work.sides]
            self.assertEqual(len(sides), len(set(sides)))
            for row in work.rows:
                self.assertLessEqual({row.ours, *row.peers}, set(sides))


if __name__ == "__main__":
    unittest.main()
