"""What operator commands share: the settings of the installation, wherever its servers are."""

import os

from adapters.embedded.process import StartError
from adapters.embedded.servers import running
from bizcore.settings import Settings, SettingsError


def operator_settings() -> Settings:
    """From the environment; what it does not name is the embedded servers' of BIZCORE_HOME, which must be running.

    Errors: SettingsError, with a sentence for the operator.
    """
    settings = Settings.read(os.environ)
    try:
        return settings.require_complete()
    except SettingsError:
        try:
            return running(settings)
        except StartError as error:
            raise SettingsError(str(error)) from None
