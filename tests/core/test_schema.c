/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"
#include "tests/support/fakehost.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* The diagnostics of a document, exactly. */
static void check(const char *yaml, const char *diags)
{
	struct fake f;

	fake_open(&f, yaml);
	cr_assert_str_eq(fake_diags(&f), diags);
	fake_close(&f);
}

Test(schema, what_is_accepted)
{
	check("version: 1\nname: n\ndescription: d\nonly-config-profiles: true\nfake: {}\n", "");
	check("version: \"1\"\nname: 007\nonly-config-profiles: \"false\"\nfake:\n", "");
	check("version:\nname: ~\nfake: ~\n", "");
	check("fake:\n  fields:\n  file-filter: \"*\"\n  on-error: keep\n  filenames: []\n", "");
	check("fake:\n  fields: []\n  file-filter: []\n  size: \"010\"\n  mode: right\n  salt: 1e3\n", "");
	check("fake:\n  sub: {width: 5, label: x}\n  list: [{width: 1}, {}]\n  pattern: a(b|c)\n", "");
	check("fake:\n  fields:\n  - {regex: \"a.*\", remove: \"true\", on-error: remove}\n  - {name: "
	      "00100020}\n",
	    "");
	check("{\"version\": 1, \"fake\": {\"fields\": [{\"name\": \"a\", \"keep\": false}]}}", "");
}

Test(schema, document_keys)
{
	check("", "1:1: error: the document is empty\n");
	check("# nothing\n", "1:1: error: the document is empty\n");
	check("[]\n", "1:1: error: a profile is a mapping of sections\n");
	check("text\n", "1:1: error: a profile is a mapping of sections\n");
	check("~\n", "1:1: error: the document is empty\n");
	check("version: 2\nfake: {}\n",
	    "1:10: error: this version of the profile language is not known; it is 1\n");
	check("version: 1.0\nfake: {}\n", "1:10: error: \"version\" takes a whole number\n");
	check("version: 0x1\nfake: {}\n",
	    "1:10: error: \"version\" takes a whole number; numbers are written in decimal\n");
	check("name: [a]\nfake: {}\n", "1:7: error: \"name\" takes one value, no list or mapping\n");
	check("only-config-profiles: yes\nfake: {}\n", "1:23: error: \"only-config-profiles\" takes true or "
						       "false; only true and false are truth values\n");
	check("export: {a: b}\nmap-subjects: x\nprofile: y\nfake: {}\n",
	    "1:1: warning: \"export\" has no effect\n2:1: warning: \"map-subjects\" has no effect\n"
	    "3:1: warning: \"profile\" has no effect\n");
	check("secret-key: 00\nflywheel: {}\nfake: {}\n",
	    "1:13: error: \"secret-key\" takes 32, 48 or 64 hexadecimal digits\n"
	    "2:1: warning: no plugin \"flywheel\" is installed: files of this section are unmatched\n");
	check("version: 1\n", "1:1: warning: no section: no file is de-identified\n");
}

Test(schema, sections_without_plugin)
{
	check("faek: {fields: []}\nfake: {}\n", "1:1: error: unknown key \"faek\"; did you mean \"fake\"?\n");
	check("Fake: {fields: []}\nfake: {}\n", "1:1: error: unknown key \"Fake\"; did you mean \"fake\"?\n");
	check("descripton: x\nfake: {}\n",
	    "1:1: error: unknown key \"descripton\"; did you mean \"description\"?\n");
	check("only_config_profiles: true\nfake: {}\n",
	    "1:1: error: unknown key \"only_config_profiles\"; did you mean \"only-config-profiles\"?\n");
	check("x-: &h {hash: true}\nfake: {}\n", "1:1: error: unknown key \"x-\"\n");
	check("nonsense: text\nfake: {}\n", "1:1: error: unknown key \"nonsense\"\n");
	check("../evil: {fields: []}\nfake: {}\n", "1:1: error: unknown key \"../evil\"\n");
	check("broken: {fields: []}\nfake: {}\n",
	    "1:1: error: section \"broken\": the plugin cannot be loaded\n");
	check("nifti: {fields: []}\nfake: {}\n",
	    "1:1: warning: no plugin \"nifti\" is installed: files of this section are unmatched\n");
	check("nifti: {}\nfake: {}\n",
	    "1:1: warning: no plugin \"nifti\" is installed: files of this section are unmatched\n");
	check("nifti: {other: 1, file-filter: \"*\"}\nfake: {}\n",
	    "1:1: warning: no plugin \"nifti\" is installed: files of this section are unmatched\n");
}

Test(schema, section_keys)
{
	check("fake: text\n", "1:7: error: a section is a mapping\n");
	check("fake:\n  feilds: []\n", "2:3: error: unknown key \"feilds\"; did you mean \"fields\"?\n");
	check("fake:\n  date_increment: 5\n",
	    "2:3: error: unknown key \"date_increment\"; did you mean \"date-increment\"?\n");
	check("fake:\n  fields: {name: a}\n", "2:11: error: \"fields\" takes a list of field entries\n");
	check("fake:\n  on-error: ignore\n", "2:13: error: \"on-error\" is one of fail|remove|keep\n");
	check("fake:\n  file-filter: [a, [b]]\n",
	    "2:20: error: \"file-filter\" takes a text or a list of texts\n");
	check("fake:\n  filenames: [{output: x}]\n  jitter-range: a\n  public-key: {}\n  secret-key: xy\n",
	    "2:15: error: an item of \"filenames\" needs \"input-regex\"\n"
	    "3:17: error: \"jitter-range\" takes a number\n"
	    "4:15: error: \"public-key\" takes a text or a list of texts\n"
	    "5:15: error: \"secret-key\" takes 32, 48 or 64 hexadecimal digits\n");
	check("fake:\n  size: 0\n  mode: up\n  pattern: (\n",
	    "2:9: error: \"size\" is from 1 to 10\n3:9: error: \"mode\" is one of left|right\n"
	    "4:12: error: \"pattern\" is no regular expression: missing closing parenthesis (at byte 1 of "
	    "it)\n");
	check("fake:\n  sub: [x]\n  list: {width: 1}\n",
	    "2:8: error: \"sub\" takes a mapping\n3:9: error: \"list\" takes a list of mappings\n");
	check("fake:\n  sub: {widht: 1}\n  list: [{label: [x]}, y]\n",
	    "2:9: error: unknown key \"widht\"; did you mean \"width\"?\n"
	    "3:18: error: \"label\" takes one value, no list or mapping\n3:24: error: \"list\" takes a "
	    "mapping\n");
	check("fake:\n  replace-with-insert: 1\n",
	    "2:24: error: \"replace-with-insert\" takes true or false\n");
}

Test(schema, entries)
{
	check("fake:\n  fields: [a]\n", "2:12: error: a field entry is a mapping\n");
	check("fake:\n  fields: [{remove: true}]\n",
	    "2:12: error: a field entry needs \"name\" or \"regex\"\n");
	check("fake:\n  fields: [{name: a, regex: b, remove: true}]\n",
	    "2:22: error: an entry has either \"name\" or \"regex\"\n");
	check("fake:\n  fields: [{name: \"\", remove: true}]\n", "2:19: error: \"name\" is empty\n");
	check("fake:\n  fields: [{name: , remove: true}]\n", "2:19: error: \"name\" is empty\n");
	check("fake:\n  fields: [{name: [a], remove: true}]\n",
	    "2:19: error: \"name\" takes one value, no list or mapping\n");
	check("fake:\n  fields: [{regex: \"(\", remove: true}]\n",
	    "2:20: error: no regular expression: missing closing parenthesis (at byte 1 of it)\n");
	check("fake:\n  fields: [{name: a, hsh: true}]\n",
	    "2:22: error: unknown key \"hsh\"; did you mean \"hash\"?\n");
	check("fake:\n  fields: [{name: a, identify: true}]\n",
	    "2:22: error: unknown key \"identify\"; did you mean \"identity\"?\n");
	check("fake:\n  fields: [{name: a, remove: true, dateformat: x}]\n",
	    "2:36: error: unknown key \"dateformat\"; did you mean \"date-format\"?\n");
	check("fake:\n  fields: [{name: a, shattered: true}]\n",
	    "2:22: error: action \"shattered\": the plugin cannot be loaded\n");
	check("fake:\n  fields: [{name: a, encrypt: true}, {name: b, regex-sub: []}]\n",
	    "2:31: error: \"encrypt\" has no key: \"secret-key\" or --secret-key\n"
	    "2:59: error: \"regex-sub\" is an empty list\n");
	check("fake:\n  fields: [{name: a, date-format: \"%Y\"}]\n",
	    "2:12: error: a field entry with options but without an action\n");
	check("fake:\n  fields: [{name: a, remove: true, on-error: skip}]\n",
	    "2:46: error: \"on-error\" is one of fail|remove|keep\n");
	check("fake:\n  fields: [{name: unknown-field, remove: true}]\n", "2:19: error: no such field\n");
	check("fake:\n  fields: [{name: sealed, remove: true}]\n",
	    "2:12: error: this field may not be acted on\n");
}

Test(schema, truth_values)
{
	check("fake:\n  fields: [{name: a, remove: yes}]\n",
	    "2:30: error: \"remove\" takes true or false; only true and false are truth values\n");
	check("fake:\n  fields: [{name: a, remove: \"yes\"}]\n",
	    "2:30: error: \"remove\" takes true or false; only true and false are truth values\n");
	check("fake:\n  fields: [{name: a, remove: 1}]\n", "2:30: error: \"remove\" takes true or false\n");
	check("fake:\n  fields: [{name: a, remove: }]\n", "2:30: error: \"remove\" takes true or false\n");
	check("fake:\n  fields: [{name: a, remove: [true]}]\n",
	    "2:30: error: \"remove\" takes one value, no list or mapping\n");
	check("fake:\n  fields: [{name: a, remove: \"TRUE\"}, {name: b, keep: False}]\n", "");
}

Test(schema, two_actions)
{
	static const char says[] = "2:35: error: a second action in one entry; write one entry for each\n";

	check("fake:\n  fields: [{name: a, keep: true , remove: true}]\n", says);
	check("fake:\n  fields: [{name: a, keep: true , replace-with: x}]\n", says);
	check("fake:\n  fields: [{name: a, keep: false, remove: true}]\n", "");
	check("fake:\n  fields: [{name: a, keep: true , remove: false}]\n", "");
	check("fake:\n  fields: [{name: a, keep: false, remove: false}]\n", "");
}

Test(schema, options_of_another_action)
{
	check("fake:\n  fields: [{name: a, remove: true, date-format: \"%Y\"}]\n",
	    "2:36: warning: \"date-format\" has no effect on \"remove\"\n");
	check("fake:\n  fields: [{name: a, remove: false, date-format: \"%Y\"}]\n", "");
}

/* A profile never takes a variable for text. */
Test(schema, variables)
{
	static const char says[] = "variables ({{ … }}) are not filled in here\n";
	struct fake f;

	fake_open(&f, "name: \"{{ X }}\"\nfake:\n  salt: \"a{{S}}\"\n  fields:\n"
		      "  - {name: v, replace-with: [x, \"{ {{ ID }}\"]}\nexport: \"{{ unused }}\"\n");
	cr_assert_eq(f.err.nerrors, 3, "%s", fake_diags(&f));
	for (size_t i = 0; i < 3; i++)
		cr_assert(strncmp(f.err.diag[i].text, says, sizeof says - 2) == 0);
	cr_assert(f.err.diag[0].line == 1 && f.err.diag[1].line == 3 && f.err.diag[2].line == 5);
	fake_close(&f);
	check("fake:\n  fields: [{regex: \"a{2}b{3}\", remove: true}, {name: \"{a}\", remove: true}]\n", "");
}

Test(schema, everything_in_one_run)
{
	check("versoin: 1\nfake:\n  size: 99\n  fields:\n  - name: unknown1\n    hash: maybe\n  - regex: "
	      "\"[\"\n    remove: true\n"
	      "  - name: x\n    hsh: true\ntyped:\n  fields:\n  - name: y\n    increment-date: true\n    "
	      "date-format: \"%Q\"\n",
	    "1:1: error: unknown key \"versoin\"; did you mean \"version\"?\n"
	    "3:9: error: \"size\" is from 1 to 10\n"
	    "6:11: error: \"hash\" takes true or false\n"
	    "7:12: error: no regular expression: missing terminating ] for character class (at byte 1 of "
	    "it)\n"
	    "10:5: error: unknown key \"hsh\"; did you mean \"hash\"?\n"
	    "14:21: error: a date action needs \"date-increment\", here or in the section\n"
	    "15:18: error: \"date-format\": unknown code; known are %Y %y %m %d %H %I %p %M %S %f %j %b %B "
	    "%a %A %z %%\n");
}

/* 50,000 mistakes are all told, in reasonable time. */
Test(schema, many_mistakes)
{
	struct buf b = {0};
	struct fake f;

	buf_z(&b, "fake:\n  fields:\n");
	for (int i = 0; i < 50000; i++)
		buf_z(&b, "  - {name: a, hsh: true}\n");
	fake_open(&f, buf_cstr(&b));
	cr_assert_eq(f.err.nerrors, 50000);
	fake_close(&f);
	buf_free(&b);
}

Test(schema, groups)
{
	struct fake f;

	check("pair: {}\nfake: {}\n", "");
	check("pair:\nfake: {}\n", "");
	check("pair: {left: {fields: []}}\n", "1:1: warning: no section: no file is de-identified\n");
	check("pair: []\nfake: {}\n", "1:7: error: \"pair\" is a mapping of sections\n");
	check("pair: {lefft: {}}\nfake: {}\n", "1:8: error: unknown key \"lefft\"; did you mean \"left\"?\n");
	check("pair: {fields: []}\nfake: {}\n", "1:8: error: unknown key \"fields\"\n");
	check("pair: {left: 7}\nfake: {}\n", "1:14: error: a section is a mapping\n");
	check("pair: {salt: [a], left: {}}\nfake: {}\n",
	    "1:14: error: \"salt\" takes one value, no list or mapping\n");
	check("pair: {left: {file-filter: x}}\nfake: {}\n",
	    "1:15: warning: \"file-filter\" has no effect here\n");
	check("pair.left: {fields: []}\nfake: {}\n", "1:1: error: unknown key \"pair.left\"\n");
	fake_open(&f, "pair: {salt: all, left: {fields: [{name: a, hash: true}]}, right: {salt: own}}\n");
	cr_assert_eq(f.profile->nsection, 2);
	cr_assert_str_eq(f.profile->section[0].name, "pair.left");
	cr_assert(f.profile->section[0].member && f.profile->section[1].member);
	cr_assert_eq(f.profile->section[0].nrule, 1);
	cr_assert(str_eqz(node_str(node_get(f.profile->section[0].node, "salt")), "all"));
	cr_assert(node_given(f.profile->section[0].node, "salt"));
	cr_assert(str_eqz(node_str(node_get(f.profile->section[1].node, "salt")), "own"));
	fake_close(&f);
}
