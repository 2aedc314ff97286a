# make build | test | simulation | fuzz | schemathesis | chaos | crossing | rows | soak | reliability | sanitize | demo | bench | install | deb | test-systemd | format | lint | clean | deps
#
# CONFIGURATION=debug   build and install make release builds; this makes debug ones
# DEMO_ONCE=1           the demo ends after its conversation instead of staying up
# DEMO_PORT=8080        the demo's nginx listens here instead of on a free port
# PREFIX, DESTDIR       where install puts things (/usr/local, nothing); UNITDIR: where systemd's units go

SHELL         := /bin/bash
CONFIGURATION ?= release
PREFIX        ?= /usr/local
DESTDIR       ?=
UNITDIR       ?= $(PREFIX)/lib/systemd/system
# Where zsh looks for what packages bring, and for what is local.
ZSH_FUNCTIONS  = $(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
SWIFT         ?= swift

# nginx lies where the PATH of ordinary users does not lead.
export PATH := $(PATH):/usr/sbin

# A warning is an error, and so is an import that Package.swift does not name.
CHECKS := -Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error

# The Swift run time is in the programs, so that they run where there is no toolchain. Relative relocations, packed, are a
# hundredth of their usual size, and memory that a start would read for nothing else; only lld writes them.
STATIC_release := --static-swift-stdlib -Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs

# What it takes to build and test on Debian 12 besides a Swift toolchain.
PACKAGES := libfcgi-dev libhiredis-dev libevent-dev libcurl4-openssl-dev nginx redis-server curl openssl python3

# And to make the Debian package and test it on a systemd.
PACKAGING := binutils dpkg-dev lintian systemd dbus wrk

BUILD    := .build/$(CONFIGURATION)
PROGRAMS := customersd devchat
# Those that are installed.
INSTALLED := customersd customersctl

# As many inputs for each fuzz target.
FUZZ_RUNS ?= 10000000

# How long the chaos run and the soak take, in seconds, and the chaos run's seed; how many answers the crossing run collects.
CHAOS_SECONDS    ?= 600
CHAOS_SEED       ?= 1
SOAK_SECONDS     ?= 3600
CROSSING_ANSWERS ?= 1000000

.PHONY: build test simulation fuzz schemathesis chaos crossing rows soak reliability sanitize demo bench install deb test-systemd format lint clean deps

build: deps
	$(SWIFT) build -c $(CONFIGURATION) $(CHECKS) $(STATIC_$(CONFIGURATION))

# One target after the other: in one process they share two threads, and some need them to meet a deadline.
SUITES := $(filter-out SystemdTests,$(sort $(notdir $(wildcard Tests/*Tests))))
test: deps
	$(SWIFT) build --build-tests $(CHECKS)
	for suite in $(SUITES); do \
	    SIMULATION_CUSTOMERS=$${SIMULATION_CUSTOMERS:-200} \
	        $(SWIFT) test --skip-build --parallel $(CHECKS) --filter "^$$suite\." || exit; \
	done

# Fifty agents, 2,000 customers, four gateways of which two are killed; make test plays it with 200. SIMULATION_SEED repeats a run,
# SIMULATION_CUSTOMERS makes it longer or shorter, SIMULATION_JOURNAL names a file for what happened at the chat server.
simulation: deps
	$(SWIFT) build --build-tests $(CHECKS)
	$(SWIFT) test --skip-build $(CHECKS) --filter '^EndToEndTests\.SimulationTests'

# libFuzzer's targets, one after the other; Tests/Fuzz/run says what else can be set.
fuzz: deps
	FUZZ_RUNS=$(FUZZ_RUNS) Tests/Fuzz/run

# Requests made from openapi.yaml against the running daemon.
SCHEMATHESIS := .build/schemathesis
schemathesis: PACKAGES += python3-venv
schemathesis: deps
	for program in $(PROGRAMS); do $(SWIFT) build $(CHECKS) --product $$program || exit; done
	test -x $(SCHEMATHESIS)/bin/st || \
	    { python3 -m venv $(SCHEMATHESIS) && $(SCHEMATHESIS)/bin/pip install -q schemathesis==4.32.5; }
	Tests/Reliability/openapi.py --programs .build/debug

# Faults at random and their report, with the programs as they are installed.
chaos crossing rows soak: build
chaos:
	RELIABILITY_COMMAND="make chaos CHAOS_SECONDS=$(CHAOS_SECONDS)" \
	    Tests/Reliability/chaos.py --programs $(BUILD) --seconds $(CHAOS_SECONDS) --seed $(CHAOS_SEED)
crossing:
	RELIABILITY_COMMAND="make crossing CROSSING_ANSWERS=$(CROSSING_ANSWERS)" \
	    Tests/Reliability/chaos.py --programs $(BUILD) --name crossing --failovers --customers 400 --pace 0 \
	    --quiet 5 --cancels 0.05 --seconds 7200 --answers $(CROSSING_ANSWERS)
rows:
	RELIABILITY_COMMAND="make rows" \
	    Tests/Reliability/measure.py --programs $(BUILD) failover redis-down disconnects descriptors chat-load breaker \
	    overload hanging
soak:
	RELIABILITY_COMMAND="make soak SOAK_SECONDS=$(SOAK_SECONDS)" SOAK_SECONDS=$(SOAK_SECONDS) \
	    Tests/Reliability/measure.py --programs $(BUILD) soak
# Tests/RELIABILITY.md from what they left.
reliability:
	Tests/Reliability/table.py

# The whole test suite under the thread and the address sanitizer, each in a build of its own; Tests/Sanitizers/run says what
# else can be set.
sanitize: deps
	SWIFT="$(SWIFT)" CHECKS="$(CHECKS)" SUITES="$(SUITES)" Tests/Sanitizers/run

# A debug build: it takes a third of the time, and the tests use it as well.
demo: deps
	for program in $(PROGRAMS); do $(SWIFT) build $(CHECKS) --product $$program || exit; done
	DEMO_ONCE=$(DEMO_ONCE) DEMO_PORT=$(DEMO_PORT) Tests/Demo/demo.sh .build/debug

# Against the named peers, in one run; see Benchmarks/README.md.
bench: deps
	Benchmarks/run

# What an admin may have edited is left alone; nothing is enabled or started.
install:
	test -x $(BUILD)/customersd || $(MAKE) build
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/sbin $(addprefix $(BUILD)/,$(INSTALLED))
	install -D -m 755 systemd/make-keys $(DESTDIR)$(PREFIX)/lib/customersd/make-keys
	install -d $(DESTDIR)$(UNITDIR)
	for unit in systemd/*.service systemd/*.socket; do \
	    sed 's|/usr/local/|$(PREFIX)/|' $$unit >$(DESTDIR)$(UNITDIR)/$${unit##*/} && \
	    chmod 644 $(DESTDIR)$(UNITDIR)/$${unit##*/} || exit; \
	done
	install -D -m 644 systemd/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/customersd.conf
	install -D -m 644 systemd/tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/customersd.conf
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man8 systemd/man/*.8
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man5 systemd/man/*.5
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/customersd README.md
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/customersd/examples systemd/*.yaml
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/customersd/examples/fleet nginx/fleet/*.conf systemd/fleet/*.conf
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/$(ZSH_FUNCTIONS) \
	    $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	umask 022 && cd $(DESTDIR)$(PREFIX)/share && program=$(abspath $(BUILD))/customersctl && \
	    $$program completion bash >bash-completion/completions/customersctl && \
	    $$program completion zsh >zsh/$(ZSH_FUNCTIONS)/_customersctl && \
	    $$program completion fish >fish/vendor_completions.d/customersctl.fish
	install -D -m 644 -t $(DESTDIR)/etc/nginx/customers nginx/customers/*.conf
	test -e $(DESTDIR)/etc/nginx/sites-available/customers.conf || \
	    install -D -m 644 -t $(DESTDIR)/etc/nginx/sites-available nginx/customers.conf
	test -e $(DESTDIR)/etc/customersd/customersd.yaml || \
	    install -D -m 644 -t $(DESTDIR)/etc/customersd systemd/customersd.yaml

# The Debian package, in .build/.
deb: PACKAGES += $(PACKAGING)
deb: deps
	for program in $(INSTALLED); do $(SWIFT) build -c release $(CHECKS) $(STATIC_release) --product $$program || exit; done
	systemd/debian/build .build/release .build

# Installs that package on a booted systemd of its own and restarts it under load. SYSTEMD_TEST=full takes ten times as long.
test-systemd: deb
	$(SWIFT) build -c release $(CHECKS) $(STATIC_release) --product devchat
	Tests/SystemdTests/run .build/customersd_*.deb .build/release/devchat

format:
	$(SWIFT) format format -i -r Sources Tests Package.swift

lint:
	$(SWIFT) format lint --strict -r Sources Tests Package.swift

clean:
	$(SWIFT) package clean

# Only what is missing is asked for, so that a machine that has everything needs neither network nor root.
deps:
	@missing=$$(for package in $(PACKAGES); do \
	    dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	    sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	    $$sudo apt-get update -q && \
	    $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing; \
	fi
