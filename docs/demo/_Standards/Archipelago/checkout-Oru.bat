git clone archipelago-oru Oru
