/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"
#include "plugins/dicom/dict-table.h"
#include "plugins/dicom/dict.h"
#include <criterion/criterion.h>
#include <string.h>

Test(dict, tables_are_in_order)
{
	for (size_t i = 1; i < dict_exact; i++)
		cr_assert_lt(dict_rows[i - 1].tag, dict_rows[i].tag);
	for (size_t i = 1; i < private_creator_count; i++)
		cr_assert_lt(
		    strcmp(private_names + private_creators[i - 1], private_names + private_creators[i]), 0);
	for (size_t i = 1; i < private_count; i++)
		cr_assert_leq(private_rows[i - 1].creator, private_rows[i].creator);
}

Test(dict, every_keyword_finds_its_row)
{
	struct dict_entry by_name, by_tag;

	cr_assert_geq(dict_count, 4900u);
	for (size_t i = 0; i < dict_count; i++) {
		const char *keyword = dict_names + dict_rows[i].name;

		cr_assert(dict_by_keyword(str_of(keyword), &by_name), "%s", keyword);
		cr_assert_eq(by_name.tag, dict_rows[i].tag, "%s", keyword);
		cr_assert(dict_find(by_name.tag, &by_tag), "%s", keyword);
		cr_assert_str_eq(by_tag.keyword, keyword);
	}
}

Test(dict, keywords_in_any_case)
{
	struct dict_entry e;

	cr_assert(dict_by_keyword(STR("pATIENTid"), &e));
	cr_assert_eq(e.tag, 0x00100020u);
	cr_assert_eq(e.vr, VR_LO);
	cr_assert(dict_by_keyword(STR("OtherPatientIDs"), &e), "retired ones have their standard keyword");
	cr_assert_not(dict_by_keyword(STR("PatientI"), &e));
	cr_assert_not(dict_by_keyword(STR("PatientIDD"), &e));
	cr_assert_not(dict_by_keyword(STR(""), &e));
	cr_assert_not(dict_by_keyword(STR("PatientID\0"), &e));
}

Test(dict, repeating_groups)
{
	struct dict_entry e;

	cr_assert(dict_find(0x60023000u, &e));
	cr_assert_str_eq(e.keyword, "OverlayData");
	cr_assert_eq(e.mask, 0xFF00FFFFu);
	cr_assert_not(dict_find(0x60013000u, &e), "an odd group is private");
	cr_assert(dict_find(0x00203142u, &e));
	cr_assert_str_eq(e.keyword, "SourceImageIDs");
}

Test(dict, value_representations)
{
	cr_assert_eq(dict_vr(0x00100010u), VR_PN);
	cr_assert_eq(dict_vr(0x00101002u), VR_SQ);
	cr_assert_eq(dict_vr(0x00280106u), VR_P_XS);
	cr_assert_eq(dict_vr(0x7FE00010u), VR_P_PX);
	cr_assert_eq(dict_vr(0x00080000u), VR_UL, "a group length");
	cr_assert_eq(dict_vr(0x00090010u), VR_LO, "a private creator");
	cr_assert_eq(dict_vr(0x00091001u), VR_NONE);
	cr_assert_eq(dict_vr(0x00189998u), VR_NONE);
	cr_assert_eq(vr_resolve(VR_P_XS, false), VR_US);
	cr_assert_eq(vr_resolve(VR_P_XS, true), VR_SS);
	for (unsigned v = VR_AE; v <= VR_UV; v++) {
		const char *name = vr_info((enum vr)v)->name;

		cr_assert_eq(vr_of_letters((uint8_t)name[0], (uint8_t)name[1]), (enum vr)v, "%s", name);
	}
	cr_assert_eq(vr_of_letters('Z', 'Z'), VR_NONE);
	cr_assert_eq(vr_of_letters('S', 'Z'), VR_NONE);
	cr_assert_eq(vr_of_letters(0, 0), VR_NONE);
}

Test(dict, private_elements)
{
	int gems = dict_creator(STR("GEMS_IDEN_01"));

	cr_assert_geq(gems, 0);
	cr_assert_eq(dict_private_vr(gems, 0x00091001u), VR_LO);
	cr_assert_eq(dict_private_vr(gems, 0x0009FF02u), VR_SH, "in any block");
	cr_assert_eq(dict_private_vr(gems, 0x000910F0u), VR_NONE);
	cr_assert_eq(dict_creator(STR("GEMS_IDEN_0")), -1);
	cr_assert_eq(dict_creator(STR("")), -1);
	cr_assert_eq(dict_private_vr(-1, 0x00091001u), VR_NONE);
	cr_assert_eq(
	    dict_private_vr(dict_creator(STR("DLX_ANNOT_01")), 0x70031004u), VR_ST, "a range of groups");
}

Test(dict, suggestions)
{
	cr_assert_str_eq(dict_suggest(STR("PatinetID")), "PatientID");
	cr_assert_str_eq(dict_suggest(STR("StudyInstnceUID")), "StudyInstanceUID");
	cr_assert_null(dict_suggest(STR("NothingLikeAnyOfThem")));
	cr_assert_null(dict_suggest(STR("")));
}
