# SPDX-License-Identifier: MIT
dist_man_MANS += doc/deid.1 doc/deid-profile.5
EXTRA_DIST += doc/plugin-author-guide.md doc/profile-reference.md doc/from-flywheel.md
