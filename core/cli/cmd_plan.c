/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/command.h"
#include "core/cli/keyoptions.h"
#include "core/cli/subjects.h"

static int plan(struct session *s, int argc, char **argv)
{
	return run_or_plan(s, &command_plan, argc, argv);
}

const struct command command_plan = {"plan", "say what run would do, and write nothing", plan,
    "Usage: deid plan -p PROFILE [-o DIR | --in-place] [OPTION]... INPUT...\n"
    "Says for each file which fields the profile finds, what each entry does to them, and the name of the\n"
    "output. Takes the options of 'deid run'; without -o and --in-place names are those below some empty\n"
    "folder. Nothing is written.\n"
    "Exit status: as 'deid run' would end.\n\n"
    "      --values                also print values before and after (personal data!)\n"
    "      --json                  JSON Lines: one for each field, one for each file, a summary\n"
    "  -p, --profile FILE          the profile, or the bare name of an installed one\n"
    "  -o, --output DIR            as if to write below DIR, with what is there now\n"
    "  -i, --in-place              as if to replace each input\n"
    "      --keep-original[=SUF]   in place: as if to keep the input beside it\n"
    "      --files-from FILE       more inputs, one a line; - is standard input\n"
    "  -0, --null                  --files-from is NUL separated\n" SUBJECT_HELP KEY_HELP
    "      --plugin-dir DIR        search DIR for plugins first (repeatable)\n"
    "      --unmatched skip|fail|copy\n"
    "                              files that no section claims\n"
    "      --folders keep|hash|flat\n"
    "                              names of folders below an input folder\n"
    "      --on-conflict fail|overwrite|skip\n"
    "                              an output that exists already\n"
    "      --metadata FILE         metadata of containers, for the sections below flywheel:\n"
    "      --tag PREFIX            what the tag begins with\n"
    "      --max-memory SIZE       memory of one file's work (default 1G)\n"
    "      --max-depth N, --max-members N, --max-ratio N, --max-unpacked SIZE\n"
    "                              bounds on archives\n"
    "      --seed N                draw jitter from N, as a run with that number will\n"
    "      --strict                warnings are errors\n"
    "      --progress, --no-progress\n"
    "  -q, --quiet                 errors only\n"
    "  -v, --verbose, --debug      also what plugins have to tell\n"
    "      --help\n"};
