import Base
import Foundation
import Testing

/// The vocabulary of `docs/glossary.md`, kept in every sentence of every language.
@Suite struct WordingTests {
    /// Words that the glossary names otherwise, one language a row; `(?!…)` spares other senses.
    static let avoided: [(Language, [String])] = [
        (.english, ["[Oo]n-site project", "[Ww]ork on site"]),
        (
            .simplifiedChinese,
            [
                "时效协议", "服务水平", "超时", "逾期", "技术状态", "到期时间", "现场(?!负责人|项目|验收|走访)", "供应商", "保修", "延保",
                "你", "立项", "立案", "应急",
            ]
        ),
        (
            .traditionalChinese,
            [
                "配套廠", "培訓", "逾時", "超時", "超期", "技術狀態", "時效協議", "時效性協議", "售後管理員", "審批", "審計", "優先級",
                "臨時措施", "基線", "批次", "庫管", "提交", "到期時間", "現場(?!負責人|專案|驗收|拜訪)", "(?<!國定)(?<!放)假日",
                "軟件", "硬件", "固件", "質量", "質保", "用戶", "打印", "登錄", "默認", "網絡", "服務器", "信息", "數據", "搜索",
                "設置", "界面", "屏幕", "鏈接", "導入", "導出", "支持", "響應", "合同", "文件(?!資料)", "保存(?!期限)", "賬", "視頻",
                "你", "立項", "立案", "應急",
            ]
        ),
    ]

    static var guides: [(path: String, text: String)] {
        TidyTests.files("docs", "md").filter { $0.path.contains("guide") }
    }

    @Test(arguments: avoided)
    func oneWordForOneThing(_ language: Language, _ words: [String]) {
        let strings = Strings.of(language)
        let guides = WordingTests.guides.filter { $0.path.hasSuffix("guide.\(language.rawValue).md") }
        for word in words {
            func holds(_ text: String) -> Bool { text.range(of: word, options: .regularExpression) != nil }
            for key in strings.keys.sorted() {
                #expect(!holds(strings[key]), "\(language.rawValue) \(key): \(strings[key])")
            }
            for (path, text) in guides { #expect(!holds(text), "\(path): \(word)") }
        }
    }

    /// Each script stays by itself. Characters that both use are no sign of the other one.
    @Test(arguments: [
        (Language.simplifiedChinese, "Hant-Hans", "著"),
        (.traditionalChinese, "Hans-Hant", "後后里裡面台回只才系表向准游制了出干于复份板"),
    ])
    func scriptsStayApart(_ language: Language, _ transform: String, _ shared: String) {
        let strings = Strings.of(language)
        for key in strings.keys.sorted() {
            for c in strings[key] where ("\u{4E00}"..."\u{9FFF}").contains(c) && !shared.contains(c) {
                let other = String(c).applyingTransform(StringTransform(transform), reverse: false)
                #expect(other == String(c), "\(key): \(c) in \(strings[key])")
            }
        }
    }

    /// What the screens call the terms of the glossary, where one sentence is one term.
    @Test(arguments: [
        ("role.trainer", "trainer"), ("role.supplier", "supplier"), ("role.auditor", "auditor"),
        ("role.administrator", "administrator"), ("role.keeper", "storekeeper"), ("people.sites", "site"),
        ("ticket.category.project", "site project"), ("levels.category.project", "site project"),
        ("people.category.project", "site project"), ("intake.category.project", "site project"),
        ("ticket.page.product.configuration", "configuration"), ("skill.training", "training"),
        ("levels.nav", "service level agreement"), ("work.priority", "priority"),
        ("ticket.page.record.interim", "interim measure"), ("intake.batch", "batch"),
        ("rating.skill", "skill"), ("rating.attitude", "attitude"), ("levels.reason.holiday", "holiday"),
    ])
    func screensSpeakTheGlossary(_ key: String, _ term: String) throws {
        let rows = try String(
            contentsOf: TidyTests.root.appending(path: "docs/glossary.md"), encoding: .utf8
        ).split(separator: "\n").map {
            $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let row = try #require(rows.first { $0.first == term })
        #expect(Strings.of(.simplifiedChinese)[key] == row[1])
        #expect(Strings.of(.traditionalChinese)[key] == row[2])
    }
}
