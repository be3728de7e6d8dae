#!/usr/bin/python3
"""tools/lint proved: each rule catches a bad snippet, and passes the good one beside it."""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools"))
import lint_rules  # noqa: E402
import prose_rules  # noqa: E402


def violations(path, text):
    """The names of the rules that `text` breaks as the file `path`."""
    with tempfile.TemporaryDirectory() as folder:
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)
        return {v.rule for v in lint_rules.check_file(folder, path)}


class CoroutineRules(unittest.TestCase):
    def assert_form(self, statement, *expected):
        text = "Task<> F() {\n  " + statement + "\n}\n"
        self.assertEqual(violations("functions/a.cc", text), set(expected), statement)

    def test_an_await_in_a_condition_is_caught(self):
        for statement in ("if (co_await f(x)) g();", "while (co_await f(x)) {}",
                          "switch (co_await f(x)) {}", "if (!co_await f(std::string())) g();",
                          "if (auto r = co_await f(); r) g();", "if (a &&\n      co_await f()) g();",
                          "for (auto x : co_await f()) g();"):
            self.assert_form(statement, "co-await-form")

    def test_an_await_that_is_not_the_whole_right_hand_side_is_caught(self):
        for statement in ("auto x = a && co_await f();", "auto x = co_await f() + 1 == 2;",
                          "auto x = ok ? co_await f() : 0;", "g(co_await f());",
                          "auto x = (co_await f()).value();", "auto x = co_await f() && b;",
                          "co_return !co_await f();", "auto x = co_await f() ? 1 : 2;"):
            self.assert_form(statement, "co-await-form")

    def test_two_awaits_in_one_statement_are_caught(self):
        self.assertIn("co-await-form", violations("functions/a.cc", "auto x = co_await f(co_await g());\n"))

    def test_a_lambda_or_braces_inside_an_await_are_caught(self):
        for statement in ("co_await f([x] { return x; });", "auto x = co_await f({1, 2});",
                          "auto x = co_await f(Options{.name = n});", "co_await [x]() -> Task<> { g(); }();"):
            found = violations("functions/a.cc", "Task<> F() {\n  " + statement + "\n}\n")
            self.assertIn("co-await-operand", found, statement)

    def test_whole_right_hand_sides_pass(self):
        for statement in ("co_await f();", "auto x = co_await f(a, g(b), v[0]);", "co_return co_await f();",
                          "auto& x = co_await f();", "x->y = co_await f<int>();", "total += co_await f();",
                          "if (a) co_await f();", "if (a && b(c))\n    x = co_await f();",
                          "if (a) {\n  } else co_await f();", "case kOne: co_await f(); break;",
                          "Result<std::vector<int>> x = co_await f();",
                          '// if (co_await f()) is a trap\n  auto s = "if (co_await f())";'):
            self.assert_form(statement)

    def test_reference_parameters_are_caught(self):
        for text in ("Task<> F(const std::string& name);\n", "Task<Result<int>> A::F(int x, Item& item) {\n}\n",
                     "Task<> F(std::string&& name);\n",
                     "auto f = [](const Key& key) -> Task<> { co_return; };\n"):
            self.assertEqual(violations("functions/a.cc", text), {"coroutine-reference"}, text)

    def test_values_pointers_and_whole_run_objects_pass_as_parameters(self):
        for text in ("Task<> F(EventLoop& event_loop, std::string name, std::vector<int> list);\n",
                     "Task<> F(const LatencyProfile& profile, Item* item);\n",
                     "Task<> F(std::function<void(const Key&)> callback);\n",
                     "void F(const std::string& name);\n"):
            self.assertEqual(violations("functions/a.cc", text), set(), text)

    def test_a_capturing_coroutine_lambda_called_in_place_is_caught(self):
        text = "Spawn(s, n, [x](int y) -> Task<> { co_return; }(1));\n"
        self.assertEqual(violations("functions/a.cc", text), {"coroutine-lambda"})
        text = "Spawn(s, n, [](int y) -> Task<> { co_return; }(1));\n"
        self.assertEqual(violations("functions/a.cc", text), set())

    def test_a_coroutine_that_returns_a_result_of_bool_is_caught(self):
        self.assertEqual(violations("functions/a.cc", "Task<Result<bool>> F();\n"), {"coroutine-bool"})
        self.assertEqual(violations("functions/a.cc", "Task<bool> F();\nResult<bool> G();\n"), set())

    def test_co_spawn_is_caught_outside_base(self):
        text = "asio::co_spawn(executor, F(), asio::detached);\n"
        self.assertEqual(violations("store/a.cc", text), {"co-spawn"})
        self.assertEqual(violations("emulator/base/a.cc", text), set())

    def test_an_error_is_passed_on_by_a_statement_of_its_own(self):
        for text in ("void F() {\n  KLESS_CO_TRY(auto x, co_await G(y));\n  KLESS_CO_TRY_VOID(co_await G());\n}\n",
                     "void F() {\n  if (a) {\n    KLESS_TRY(const auto x, G(1, 2));\n  }\n}\n"):
            self.assertEqual(violations("store/a.cc", text), set(), text)
        self.assertEqual(violations("store/a.cc", "void F() {\n  if (a) KLESS_TRY_VOID(G());\n}\n"), {"try-statement"})
        self.assertEqual(violations("store/a.cc", "void F() {\n  KLESS_CO_TRY(auto x, H(co_await G()));\n}\n"),
                         {"co-await-form"})
        self.assertEqual(violations("store/a.cc", "void F() {\n  KLESS_CO_TRY(auto x, co_await G([] {}));\n}\n"),
                         {"co-await-operand"})


class IncludeRules(unittest.TestCase):
    def test_relative_includes_are_caught(self):
        self.assertEqual(violations("store/a.cc", '#include "../store/item.h"\n'), {"include-path"})


class OwnershipRules(unittest.TestCase):
    def assert_owned(self, rule, text, path="functions/a.cc", owner="emulator/base/a.cc"):
        self.assertEqual(violations(path, text), {rule}, text)
        self.assertEqual(violations(owner, text), set(), owner)

    def test_the_systems_clock_is_caught(self):
        for text in ("auto t = std::chrono::steady_clock::now();\n", "auto t = std::time(nullptr);\n",
                     "auto t = std::chrono::system_clock::now();\n", "auto t = time(0);\n"):
            self.assert_owned("clock", text)
        self.assertEqual(violations("functions/a.cc", "auto t = record.time(0);\nint runtime(0);\n"), set())

    def test_sleeping_is_caught(self):
        self.assert_owned("sleep", "std::this_thread::sleep_for(delay);\n")

    def test_foreign_randomness_is_caught(self):
        for text in ("std::random_device d;\n", "int x = rand();\n", "std::mt19937_64 engine;\n",
                     "std::uniform_int_distribution<int> d;\n"):
            self.assert_owned("randomness", text)

    def test_the_environment_is_caught(self):
        self.assert_owned("environment", 'auto home = std::getenv("HOME");\n')

    def test_threads_are_caught(self):
        self.assert_owned("threads", "std::thread worker;\n")
        self.assert_owned("threads", "std::mutex mutex;\n", owner="store/sqlite/file/checkpointer.cc")

    def test_sockets_are_caught(self):
        owner = "emulator/doors/http/server.cc"
        self.assert_owned("sockets", "#include <boost/beast/http.hpp>\n", owner=owner)
        self.assert_owned("sockets", "asio::ip::tcp::socket socket;\n", owner=owner)

    def test_processes_are_caught_outside_their_files(self):
        for statement in ("if (fork() == 0) return;", "execvp(program, arguments);", "waitpid(child, nullptr, 0);"):
            self.assert_owned("processes", f"void f() {{ {statement} }}\n", path="emulator/cli/bench/bench.cc",
                              owner="emulator/base/system/process.cc")

    def test_the_http_client_is_caught_outside_its_file(self):
        self.assert_owned("http-client", "#include <httplib.h>\n", path="emulator/cli/commands/submit.cc",
                          owner="emulator/cli/http_client.cc")

    def test_sqlite_is_caught_outside_its_files(self):
        self.assert_owned("sqlite", "#include <sqlite3.h>\n", path="store/table.cc",
                          owner="store/sqlite/sqlite_store.cc")


class FileRules(unittest.TestCase):
    HEADER = "// What it is.\n#pragma once\n"

    def test_json_hpp_in_a_header_is_caught(self):
        text = self.HEADER + "#include <nlohmann/json.hpp>\n"
        self.assertEqual(violations("store/a.h", text), {"json-in-header"})
        self.assertEqual(violations("store/a.h", self.HEADER + "#include <nlohmann/json_fwd.hpp>\n"), set())
        self.assertEqual(violations("store/a.cc", "#include <nlohmann/json.hpp>\n"), set())

    def test_a_header_without_guard_or_comment_is_caught(self):
        self.assertEqual(violations("store/a.h", "// What it is.\nint x;\n"), {"header-guard"})
        self.assertEqual(violations("store/a.h", "#pragma once\n"), {"header-comment"})

    def test_a_using_directive_in_a_header_is_caught(self):
        self.assertEqual(violations("store/a.h", self.HEADER + "using namespace std;\n"), {"using-namespace"})

    def test_unordered_containers_without_a_reason_are_caught(self):
        self.assertEqual(violations("store/a.cc", "std::unordered_map<int, int> m;\n"), {"unordered"})
        text = "// unordered: looked up by key only.\nstd::unordered_map<int, int> m;\n"
        self.assertEqual(violations("store/a.cc", text), set())

    def test_long_files_are_caught(self):
        self.assertEqual(violations("store/a.cc", "int x;\n" * 601), {"file-length"})
        self.assertEqual(violations("store/a.cc", "int x;\n" * 600), set())

    def test_blanks_at_line_ends_and_a_missing_last_newline_are_caught(self):
        self.assertEqual(violations("store/a.cc", "int x; \n"), {"trailing-space"})
        self.assertEqual(violations("store/a.cc", "int x;"), {"end-of-file"})

    def test_unfinished_marks_are_caught(self):
        self.assertEqual(violations("store/a.cc", "// TO" "DO: more\n"), {"unfinished"})

    def test_recorded_data_keep_their_bytes(self):
        self.assertEqual(violations("tests/recordings/a.http", "HTTP/2 200 \r\n{}"), set())
        self.assertEqual(violations("tests/records/a.http", "HTTP/2 200 \r\n{}"), {"trailing-space", "end-of-file"})

    def test_scripts_that_do_not_parse_are_caught(self):
        self.assertEqual(violations("tools/a.py", "def f(:\n"), {"python"})
        self.assertEqual(violations("tools/a", "#!/usr/bin/python3\ndef f(:\n"), {"python"})
        self.assertEqual(violations("tools/a", "#!/bin/bash\nif true; then\n"), {"shell"})
        self.assertEqual(violations("tools/a", "#!/bin/bash\nif true; then :; fi\n"), set())


class ProseRules(unittest.TestCase):
    CAUGHT = {
        "of-fragment": ("// Of a create.\nint x;\n", "int x;\n  // Of both.\n"),
        "is-no": ('auto a = "x is no number";\n', "// What is no\n// object is kept.\n", "// They are no kinds.\n"),
        "anew": ("int x;  // counts anew\n",),
        "nobody": ('auto a = "Somebody holds it";\n', "// Nobody reads it.\n"),
        "free-relative": ("// Who is answered waits.\n", "// It is for whoever\n// comes next.\n"),
        "beside-it": ("// A file beside it.\n",),
        "goes-on": ("// The loop goes\n// on.\n",),
        "in-hand": ("// The key in hand.\n", "// It is in its hand.\n"),
        "one-more-is": ("// One more is refused.\n",),
        "for-ever": ("// It waits for ever.\n",),
        "timeout": ("// The time-outs end.\n",),
        "lowercase": ('auto a = "in lower case";\n', "// A lower-case name.\n"),
    }

    def test_each_form_is_caught_in_comments_and_literals_and_across_lines(self):
        self.assertEqual({name for name, _, _ in prose_rules.RULES}, set(self.CAUGHT))
        for rule, texts in self.CAUGHT.items():
            for text in texts:
                with self.subTest(text):
                    self.assertEqual(violations("store/a.cc", text), {rule})

    def test_documents_and_scripts_are_read_too(self):
        self.assertEqual(violations("store/DESIGN.md", "It is no table.\n"), {"is-no"})
        self.assertEqual(violations("tools/a.py", '"""Nobody calls it."""\n'), {"nobody"})
        self.assertEqual(violations("tools/a", "#!/bin/bash\n# It goes on.\n"), {"goes-on"})
        self.assertEqual(violations("configs/a.yaml", "a: 1  # for ever\n"), {"for-ever"})

    def test_names_in_code_and_right_forms_pass(self):
        for text in ("bool anew = nobody;\n", "// There is no table; it is no longer there.\n",
                     "// The container goes one level up.\n", "// Often of use.\n", "// No one waits forever.\n"):
            with self.subTest(text):
                self.assertEqual(violations("store/a.cc", text), set())

    def test_imported_texts_keep_their_words(self):
        self.assertEqual(violations("tests/reference/a.md", "It is no table.\n"), set())


class CommitSubjects(unittest.TestCase):
    def subjects(self, *subjects, base="main"):
        """The rules that commits with these subjects on a branch of `base` break."""
        with tempfile.TemporaryDirectory() as folder:
            def git(*words):
                subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words], cwd=folder, check=True,
                               capture_output=True)

            git("init", "-q", "-b", base)
            git("commit", "-q", "--allow-empty", "-m", "A first commit of no form at all")
            git("checkout", "-q", "-b", "topic")
            for subject in subjects:
                git("commit", "-q", "--allow-empty", "-m", subject, "-m", "A body with longer lines. " * 9)
            found = [v.rule for v in lint_rules.commits(folder)]
            git("checkout", "-q", base)
            self.assertEqual(list(lint_rules.commits(folder)), [])
            return found

    def test_long_subjects_and_those_without_an_area_are_caught(self):
        self.assertEqual(self.subjects("store: " + "x" * 66), ["subject-length"])
        self.assertEqual(self.subjects("Fix things"), ["subject-form"])

    def test_right_subjects_pass_and_so_does_a_repository_without_main(self):
        self.assertEqual(self.subjects("store: " + "x" * 65, "cli, doors: two areas", "custom kinds: one walk"), [])
        self.assertEqual(self.subjects("Fix things", base="trunk"), [])


class Program(unittest.TestCase):
    def run_lint(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in {"store/a.h": "// A header.\n#pragma once\n", **files}.items():
                full = os.path.join(folder, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
            with open(os.path.join(folder, ".clang-format"), "w", encoding="utf-8") as file:
                file.write("BasedOnStyle: Google\nColumnLimit: 100\n")
            return subprocess.run([os.path.join(ROOT, "tools", "lint"), "--root", folder],
                                  capture_output=True, text=True)

    def test_a_violation_is_named_by_place_and_the_exit_code_is_1(self):
        result = self.run_lint({"store/a.cc": "int x;\nstd::thread t;\n", "build/b.cc": "std::thread t;\n"})
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "store/a.cc:2: threads: one thread runs everything that has an order\n")

    def test_bad_formatting_is_a_violation(self):
        result = self.run_lint({"store/a.cc": "int   x ;\n"})
        self.assertEqual((result.returncode, result.stdout),
                         (1, "store/a.cc:1: format: run `tools/lint --fix`\n"))

    def test_a_clean_tree_prints_nothing_and_exits_0(self):
        result = self.run_lint({"store/a.cc": "int x;\n"})
        self.assertEqual((result.returncode, result.stdout), (0, ""))


if __name__ == "__main__":
    unittest.main()
