import ArgumentParser

CustomersctlCommand.main()
