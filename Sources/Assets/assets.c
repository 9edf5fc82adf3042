// Every file that the program carries, embedded by C23's #embed.
// A new file needs two lines: its bytes below, its name in the table at the end.
#include "include/Assets.h"

#define BYTES static const unsigned char

BYTES fettle_css[] = {
#embed "static/fettle.css"
};
BYTES icons_svg[] = {
#embed "static/icons.svg"
};
BYTES mark_svg[] = {
#embed "static/mark.svg"
};
BYTES fettle_js[] = {
#embed "static/fettle.js"
};
BYTES say_js[] = {
#embed "static/say.js"
};
BYTES dom_js[] = {
#embed "static/dom.js"
};
BYTES menus_js[] = {
#embed "static/menus.js"
};
BYTES forms_js[] = {
#embed "static/forms.js"
};
BYTES drafts_js[] = {
#embed "static/drafts.js"
};
BYTES clocks_js[] = {
#embed "static/clocks.js"
};
BYTES counts_js[] = {
#embed "static/counts.js"
};
BYTES live_js[] = {
#embed "static/live.js"
};
BYTES keys_js[] = {
#embed "static/keys.js"
};
BYTES intake_js[] = {
#embed "static/intake.js"
};
BYTES palette_js[] = {
#embed "static/palette.js"
};
BYTES parts_js[] = {
#embed "static/parts.js"
};
BYTES scan_js[] = {
#embed "static/scan.js"
};
BYTES work_pages_en[] = {
#embed "strings/work-pages.en.txt"
};
BYTES work_pages_hans[] = {
#embed "strings/work-pages.zh-Hans.txt"
};
BYTES work_pages_hant[] = {
#embed "strings/work-pages.zh-Hant.txt"
};
BYTES kit_en[] = {
#embed "strings/kit.en.txt"
};
BYTES kit_hans[] = {
#embed "strings/kit.zh-Hans.txt"
};
BYTES kit_hant[] = {
#embed "strings/kit.zh-Hant.txt"
};
BYTES text_en[] = {
#embed "strings/text.en.txt"
};
BYTES text_hans[] = {
#embed "strings/text.zh-Hans.txt"
};
BYTES text_hant[] = {
#embed "strings/text.zh-Hant.txt"
};
BYTES servicelevels_en[] = {
#embed "strings/servicelevels.en.txt"
};
BYTES servicelevels_hans[] = {
#embed "strings/servicelevels.zh-Hans.txt"
};
BYTES servicelevels_hant[] = {
#embed "strings/servicelevels.zh-Hant.txt"
};
BYTES levelspages_en[] = {
#embed "strings/levels-pages.en.txt"
};
BYTES script_en[] = {
#embed "strings/script.en.txt"
};
BYTES levelspages_hans[] = {
#embed "strings/levels-pages.zh-Hans.txt"
};
BYTES script_hans[] = {
#embed "strings/script.zh-Hans.txt"
};
BYTES levelspages_hant[] = {
#embed "strings/levels-pages.zh-Hant.txt"
};
BYTES script_hant[] = {
#embed "strings/script.zh-Hant.txt"
};
BYTES command_en[] = {
#embed "strings/command.en.txt"
};
BYTES command_hans[] = {
#embed "strings/command.zh-Hans.txt"
};
BYTES command_hant[] = {
#embed "strings/command.zh-Hant.txt"
};
BYTES installed_en[] = {
#embed "strings/installed.en.txt"
};
BYTES tickets_en[] = {
#embed "strings/tickets.en.txt"
};
BYTES installed_hans[] = {
#embed "strings/installed.zh-Hans.txt"
};
BYTES tickets_hans[] = {
#embed "strings/tickets.zh-Hans.txt"
};
BYTES installed_hant[] = {
#embed "strings/installed.zh-Hant.txt"
};
BYTES tickets_hant[] = {
#embed "strings/tickets.zh-Hant.txt"
};
BYTES people_en[] = {
#embed "strings/people.en.txt"
};
BYTES people_hans[] = {
#embed "strings/people.zh-Hans.txt"
};
BYTES people_hant[] = {
#embed "strings/people.zh-Hant.txt"
};
BYTES ticket_pages_en[] = {
#embed "strings/ticket-pages.en.txt"
};
BYTES ticket_pages_hans[] = {
#embed "strings/ticket-pages.zh-Hans.txt"
};
BYTES ticket_pages_hant[] = {
#embed "strings/ticket-pages.zh-Hant.txt"
};

BYTES inventory_pages_en[] = {
#embed "strings/inventory-pages.en.txt"
};
BYTES inventory_pages_hans[] = {
#embed "strings/inventory-pages.zh-Hans.txt"
};
BYTES inventory_pages_hant[] = {
#embed "strings/inventory-pages.zh-Hant.txt"
};
BYTES inventory_en[] = {
#embed "strings/inventory.en.txt"
};
BYTES inventory_hans[] = {
#embed "strings/inventory.zh-Hans.txt"
};
BYTES inventory_hant[] = {
#embed "strings/inventory.zh-Hant.txt"
};
BYTES demo_en[] = {
#embed "strings/demo.en.txt"
};
BYTES demo_hans[] = {
#embed "strings/demo.zh-Hans.txt"
};
BYTES demo_hant[] = {
#embed "strings/demo.zh-Hant.txt"
};
// The demo world's content.
BYTES demo_courses[] = {
#embed "demo/courses.json"
};
BYTES demo_instructions[] = {
#embed "demo/instructions.json"
};
BYTES demo_organisations[] = {
#embed "demo/organisations.json"
};
BYTES demo_parts[] = {
#embed "demo/parts.json"
};
BYTES demo_people[] = {
#embed "demo/people.json"
};
BYTES demo_places[] = {
#embed "demo/places.json"
};
BYTES demo_policies[] = {
#embed "demo/policies.json"
};
BYTES demo_products[] = {
#embed "demo/products.json"
};
BYTES demo_projects[] = {
#embed "demo/projects.json"
};
BYTES demo_ticket_texts[] = {
#embed "demo/ticket_texts.json"
};
BYTES demo_units[] = {
#embed "demo/units.json"
};

static const struct {
    const char *name;
    const void *data;
    size_t size;
} files[] = {
#define FILE(name, symbol) {name, symbol, sizeof symbol}
    FILE("static/fettle.css", fettle_css),
    FILE("static/icons.svg", icons_svg),
    FILE("static/mark.svg", mark_svg),
    FILE("static/fettle.js", fettle_js),
    FILE("static/say.js", say_js),
    FILE("static/dom.js", dom_js),
    FILE("static/menus.js", menus_js),
    FILE("static/forms.js", forms_js),
    FILE("static/drafts.js", drafts_js),
    FILE("static/clocks.js", clocks_js),
    FILE("static/counts.js", counts_js),
    FILE("static/live.js", live_js),
    FILE("static/keys.js", keys_js),
    FILE("static/intake.js", intake_js),
    FILE("static/palette.js", palette_js),
    FILE("static/parts.js", parts_js),
    FILE("static/scan.js", scan_js),
    FILE("strings/work-pages.en.txt", work_pages_en),
    FILE("strings/work-pages.zh-Hans.txt", work_pages_hans),
    FILE("strings/work-pages.zh-Hant.txt", work_pages_hant),
    FILE("strings/kit.en.txt", kit_en),
    FILE("strings/kit.zh-Hans.txt", kit_hans),
    FILE("strings/kit.zh-Hant.txt", kit_hant),
    FILE("strings/text.en.txt", text_en),
    FILE("strings/text.zh-Hans.txt", text_hans),
    FILE("strings/text.zh-Hant.txt", text_hant),
    FILE("strings/servicelevels.en.txt", servicelevels_en),
    FILE("strings/servicelevels.zh-Hans.txt", servicelevels_hans),
    FILE("strings/servicelevels.zh-Hant.txt", servicelevels_hant),
    FILE("strings/levels-pages.en.txt", levelspages_en),
    FILE("strings/script.en.txt", script_en),
    FILE("strings/levels-pages.zh-Hans.txt", levelspages_hans),
    FILE("strings/script.zh-Hans.txt", script_hans),
    FILE("strings/levels-pages.zh-Hant.txt", levelspages_hant),
    FILE("strings/script.zh-Hant.txt", script_hant),
    FILE("strings/command.en.txt", command_en),
    FILE("strings/command.zh-Hans.txt", command_hans),
    FILE("strings/command.zh-Hant.txt", command_hant),
    FILE("strings/installed.en.txt", installed_en),
    FILE("strings/tickets.en.txt", tickets_en),
    FILE("strings/installed.zh-Hans.txt", installed_hans),
    FILE("strings/tickets.zh-Hans.txt", tickets_hans),
    FILE("strings/installed.zh-Hant.txt", installed_hant),
    FILE("strings/tickets.zh-Hant.txt", tickets_hant),
    FILE("strings/people.en.txt", people_en),
    FILE("strings/people.zh-Hans.txt", people_hans),
    FILE("strings/people.zh-Hant.txt", people_hant),
    FILE("strings/inventory-pages.en.txt", inventory_pages_en),
    FILE("strings/inventory-pages.zh-Hans.txt", inventory_pages_hans),
    FILE("strings/inventory-pages.zh-Hant.txt", inventory_pages_hant),
    FILE("strings/inventory.en.txt", inventory_en),
    FILE("strings/inventory.zh-Hans.txt", inventory_hans),
    FILE("strings/inventory.zh-Hant.txt", inventory_hant),
    FILE("strings/demo.en.txt", demo_en),
    FILE("strings/demo.zh-Hans.txt", demo_hans),
    FILE("strings/demo.zh-Hant.txt", demo_hant),
    FILE("demo/courses.json", demo_courses),
    FILE("demo/instructions.json", demo_instructions),
    FILE("demo/organisations.json", demo_organisations),
    FILE("demo/parts.json", demo_parts),
    FILE("demo/people.json", demo_people),
    FILE("demo/places.json", demo_places),
    FILE("demo/policies.json", demo_policies),
    FILE("demo/products.json", demo_products),
    FILE("demo/projects.json", demo_projects),
    FILE("demo/ticket_texts.json", demo_ticket_texts),
    FILE("demo/units.json", demo_units),
    FILE("strings/ticket-pages.en.txt", ticket_pages_en),
    FILE("strings/ticket-pages.zh-Hans.txt", ticket_pages_hans),
    FILE("strings/ticket-pages.zh-Hant.txt", ticket_pages_hant),
};

size_t fettle_asset_count(void) { return sizeof files / sizeof files[0]; }

const char *fettle_asset_name(size_t index) {
    return index < fettle_asset_count() ? files[index].name : NULL;
}

const void *fettle_asset_data(size_t index, size_t *size) {
    if (index >= fettle_asset_count()) return NULL;
    *size = files[index].size;
    return files[index].data;
}
