extension StatusPage {
    /// Light and dark as the reader's system says; one column on a narrow screen.
    static let style = """
        :root{color-scheme:light dark;--good:#1c8039;--warm:#9a5b00;--bad:#c01c1c;--line:#8884;--card:#8881;--bar:#3b82c4}
        @media(prefers-color-scheme:dark){:root{--good:#4cc26c;--warm:#e0a33a;--bad:#ff7066;--bar:#5aa2e0}}
        *{box-sizing:border-box}body{font:14px/1.45 system-ui,sans-serif;margin:0 auto;padding:1rem 1.5rem;max-width:88rem}
        header{display:flex;flex-wrap:wrap;gap:.2rem 1rem;align-items:baseline}h1{font-size:1.4rem;margin:0}
        header p,small,th,.dim{opacity:.65}h2{font-size:1rem;margin:0 0 .4rem}small{font-weight:normal;font-size:.85rem}
        .mark.good,.mark.bad{color:#fff;border-radius:.3rem;padding:.05rem .5rem}.mark.good{background:#1c8039}.mark.bad{background:#c01c1c}
        .troubles{margin:1rem 0 0;padding:.6rem 1rem .6rem 2rem;border-left:.3rem solid var(--bad);background:var(--card)}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.8rem;margin:1rem 0}
        .tile,section{background:var(--card);border-radius:.5rem;padding:.7rem 1rem}.tile b{display:block;font-size:1.5rem}
        main{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,27rem),1fr));gap:.8rem;margin:.8rem 0}
        section{overflow-x:auto;min-width:0}svg{display:block;width:100%;height:72px;color:var(--bar)}
        table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}
        td{border-top:1px solid var(--line)}th{font-weight:normal}td:first-child,th,.warm{white-space:nowrap}p{margin:0}
        .good{color:var(--good)}.warm{color:var(--warm)}.bad{color:var(--bad)}.dot::before{content:"●\\00a0"}
        .bar{display:inline-block;width:5rem;height:.6rem;margin-right:.5rem;border-radius:.3rem;background:var(--line);overflow:hidden}
        .bar i{display:block;height:100%;background:currentColor}.log{font:12px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
        """
}
