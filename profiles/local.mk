# SPDX-License-Identifier: MIT
dist_profile_DATA += profiles/basic-research.yaml
