"""scripts/check-ownership against planted headers: it must pass what is right and name what is wrong."""
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULE = "Free with motet_thing_free(). Valid until then. Since 0.1."


def check(declaration, comment=RULE):
    with tempfile.NamedTemporaryFile("w", suffix=".h") as header:
        header.write(f"/* {comment} */\nMOTET_API {declaration};\n")
        header.flush()
        run = subprocess.run([ROOT / "scripts/check-ownership", header.name], capture_output=True, text=True)
        return run.returncode, run.stdout


class CheckOwnership(unittest.TestCase):
    def test_passes_the_headers_of_this_repository(self):
        run = subprocess.run([ROOT / "scripts/check-ownership"], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_passes_what_is_marked(self):
        for declaration in (
            "MOTET_OWNED motet_thing_t *motet_thing_new(void)",
            "MOTET_BORROWED MOTET_NULLABLE const char *\nmotet_thing_name(const motet_thing_t *thing)",
            "void motet_thing_free(MOTET_TAKES MOTET_NULLABLE motet_thing_t *thing)",
            "MOTET_OWNED motet_error_t *motet_thing_open(const char *name,\n    MOTET_OWNED motet_thing_t **out)",
            "void motet_thing_then(motet_thing_t *thing, MOTET_NULLABLE motet_done_fn done, MOTET_NULLABLE void *argument)",
        ):
            with self.subTest(declaration):
                self.assertEqual(check(declaration)[0], 0, check(declaration)[1])

    def test_names_what_is_not(self):
        for declaration, comment, expected in (
            ("motet_thing_t *motet_thing_new(void)", RULE, "the returned pointer is neither"),
            ("int32_t motet_thing_open(motet_thing_t **out)", RULE, "out parameter 'motet_thing_t **out' is neither"),
            ("void motet_thing_free(motet_thing_t *thing)", RULE, "is not MOTET_TAKES"),
            ("void motet_thing_then(void *argument)", RULE, "void pointer 'void *argument' is not MOTET_NULLABLE"),
            ("void motet_thing_set(MOTET_TAKES int32_t value)", RULE, "is no pointer"),
            ("MOTET_OWNED motet_thing_t *motet_thing_new(void)", "Since 0.1.", "names no function that frees it"),
            ("MOTET_BORROWED const char *motet_thing_name(void)", "Since 0.1.", "does not say how long"),
            ("int32_t motet_thing_size(void)", "The size.", "does not say 'Since"),
        ):
            with self.subTest(declaration):
                code, output = check(declaration, comment)
                self.assertEqual(code, 1)
                self.assertIn(expected, output)


if __name__ == "__main__":
    unittest.main()
